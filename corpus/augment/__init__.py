"""More rows from rows: other words for the same, and nothing changed that must not change."""
