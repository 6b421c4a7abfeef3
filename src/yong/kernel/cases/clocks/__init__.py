"""Time limits: how they are counted, what a clock says at a moment and why, and how they are learned from what was."""
