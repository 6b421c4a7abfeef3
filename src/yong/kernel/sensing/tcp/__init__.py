"""Standing TCP listeners for device protocols: one server, one committer, sans-IO sessions."""
