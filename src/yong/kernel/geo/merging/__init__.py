"""Merging component coordinates (部件坐标合并): point sets of several departments become one set."""
