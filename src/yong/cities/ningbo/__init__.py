"""Ningbo 宁波 (330200): what is the city's own, as data."""
