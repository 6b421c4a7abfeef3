"""Geography: the coordinate systems that a Chinese city meets, and positions carried from one to another."""
