"""Geography: coordinate systems, area boundaries and unit grids, and where a point lies."""
