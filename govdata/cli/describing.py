"""The commands that describe a release to machines."""
