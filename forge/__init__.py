"""Everything that touches a tensor: base models, recipes, evaluation, serving. No Django."""
