"""What a file of rows is before it is a dataset: checked whole, and read as somebody says."""
