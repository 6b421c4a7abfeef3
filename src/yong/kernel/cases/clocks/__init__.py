"""Time limits: which limit a case has, when it is due, why, and how other cities counted. Pure."""
