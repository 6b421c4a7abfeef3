"""Static layers: files of features handed in, built into archives of vector tiles (PMTiles) and read from them."""
