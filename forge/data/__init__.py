"""Chat rows into batches of tokens."""
