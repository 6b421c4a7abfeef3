"""The reference domain: air stations, weather, and the air-quality index that people read."""
