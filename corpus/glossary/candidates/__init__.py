"""Words and phrases of texts that may be terms: found by how they are used, without a model."""
