"""One measure a file: terms, perplexity, and the bootstrap that says what a difference is worth."""
