"""What a job's process alone may know: it is given in the environment, since a spec lies on the disk."""

import os


def take(name: str) -> str:
    """A secret, taken out of the environment, so that nothing this process starts inherits it; empty where none was given."""
    return os.environ.pop(name, "")
