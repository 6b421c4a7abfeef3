"""Whether polygons lie beside each other as they should: overlaps, gaps, borders drawn twice; areas."""
