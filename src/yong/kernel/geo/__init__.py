"""Geography: unit grids, area boundaries and where a point lies."""
