"""Reads that serve several pages, by subject."""
