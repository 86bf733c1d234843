"""Before-and-after evaluations and their scores."""
