"""Embedded services and the one-machine supervisor."""
