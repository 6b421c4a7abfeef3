"""OGC API Features: what has a place, as collections of features that geographical software reads."""
