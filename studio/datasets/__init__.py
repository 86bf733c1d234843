"""Uploaded files, datasets and their immutable versions."""
