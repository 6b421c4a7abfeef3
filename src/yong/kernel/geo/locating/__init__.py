"""Which unit grid, community, street and district a point lies in, on a day."""
