"""Glossaries, concepts, terms and their immutable versions."""
