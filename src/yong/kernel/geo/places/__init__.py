"""Places by name and address: found from words, from a position, while somebody types, a whole file at a time."""
