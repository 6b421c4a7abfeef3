"""What crosses the door of cityops: frozen types and events."""
