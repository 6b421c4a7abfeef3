"""The SQL of cityops. Private to its service."""
