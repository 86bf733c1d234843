"""The cleaning steps, one a file; a new one is a file and a line in the registry."""
