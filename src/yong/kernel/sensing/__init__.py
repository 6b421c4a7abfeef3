"""Things, the protocols they speak, what they report and what they are told."""
