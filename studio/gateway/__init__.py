"""The OpenAI-compatible REST under /v1."""
