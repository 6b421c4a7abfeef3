"""Suggestions from past cases: the class, the unit, and which open cases may be about the same."""
