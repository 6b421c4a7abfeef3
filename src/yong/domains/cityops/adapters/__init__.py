"""Formats of outside that cityops speaks, and files of requests that other systems kept."""
