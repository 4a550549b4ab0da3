"""The commands that tell of known faults."""
