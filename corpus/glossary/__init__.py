"""Concepts and terms: read, written, found in text, turned into rows."""
