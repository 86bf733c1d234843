"""Steps that clean rows, one a file, each counted."""
