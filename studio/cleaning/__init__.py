"""Cleanings of dataset versions: previews, results step by step, suggestions, undoing."""
