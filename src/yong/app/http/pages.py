"""The first pages: what is alive now, and signing in."""

routes = ()
