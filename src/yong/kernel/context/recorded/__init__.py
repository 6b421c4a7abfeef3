"""Records of other modules as entities that are read, never written: a context source over their Relations."""
