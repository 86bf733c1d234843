"""Formats of rows that share a reader with the glossaries, or bring a large library: each is loaded when it is needed."""
