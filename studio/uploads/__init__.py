"""Uploads of many gigabytes: a file comes in parts, and what was acknowledged is never lost."""
