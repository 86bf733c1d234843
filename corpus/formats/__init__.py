"""Upload parsing, one format a file. Every error says its line, and its column where one is known."""
