"""Layouts of rows: how they are told from one another, and how each is read into a typed row."""
