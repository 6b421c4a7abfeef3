"""Formats of outside that cityops speaks."""
