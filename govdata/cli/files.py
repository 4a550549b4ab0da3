"""The commands that write files for other programs."""
