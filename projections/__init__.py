"""Projections 投影: read models built from the log by one engine."""
