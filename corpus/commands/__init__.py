"""The jobs of this package, one a file: an envelope in, a whole output folder or an error out."""
