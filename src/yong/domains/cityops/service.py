"""The use cases of cityops: one transaction each, with its events."""
