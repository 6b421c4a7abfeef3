"""Yong 甬: an open city operating system."""

__version__ = "0.1.0"
