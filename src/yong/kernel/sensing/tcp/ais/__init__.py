"""AIS: what ships say of themselves (ITU-R M.1371), as receivers pass it on in NMEA 0183 sentences."""
