"""Figures: each measured with its ceiling in the same run."""
