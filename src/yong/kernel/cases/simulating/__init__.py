"""A procedure tried out before it goes live: the load and lateness to be expected, from past cases."""
