"""What crosses a process boundary: specs, events, manifests, errors. Standard library and pydantic, no I/O."""
