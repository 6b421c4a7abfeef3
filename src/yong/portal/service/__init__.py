"""The use cases of the portal: services and their questions, places, open data."""
