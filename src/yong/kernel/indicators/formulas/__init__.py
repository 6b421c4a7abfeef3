"""The expressions of indicators: read, told in plain words, counted. Pure."""
