"""Layers: how located resources and outside maps are drawn, in which order, for whom and since when."""
