"""One training method a file, read from top to bottom. Recipes may repeat each other and never import each other."""
