"""OGC API Tiles: the collections of features as vector tiles, made when they are asked for."""
