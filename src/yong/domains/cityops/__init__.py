"""Digital urban management."""
