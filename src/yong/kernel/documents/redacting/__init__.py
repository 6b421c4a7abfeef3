"""Faces and plates in photos: where they may be, and copies in which they are covered."""
