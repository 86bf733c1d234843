"""Webhooks: what happened in a project, sent to addresses outside, signed, at least once."""
