"""Indicators: one expression over Relations each, computed, frozen with its inputs, computed again to the same number."""
