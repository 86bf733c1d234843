"""Models at the edge to transformers and peft."""
