"""Reports has no SQL of its own beside its Relation: records keep the table."""
