"""Tests read as specifications. `python -m tests` runs every check there is."""
