"""Projects, membership, and who may do what."""
