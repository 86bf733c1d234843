"""Base models and model versions with manifest and lineage."""
