"""What the standard says an entity is: read from its forms, changed, and shown again. Pure, but for names."""
