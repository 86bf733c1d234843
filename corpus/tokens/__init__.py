"""Chat rows as a model's tokens, without torch: the trainer and the token X-ray read rows through this one package."""
