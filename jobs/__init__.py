"""Knows how to run a job, not what it is for: queue, states, leases, supervisor, events."""
