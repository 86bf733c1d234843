"""Serving: an engine that decodes, a server that speaks HTTP."""
