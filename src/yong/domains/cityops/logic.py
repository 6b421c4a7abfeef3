"""The rules of cityops. Pure: no database, no web."""
