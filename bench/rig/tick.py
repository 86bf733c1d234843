"""A job that is over at once: `python -m bench.rig.tick SPEC`. Adds its name to the tally first."""

import json
import os
import sys
import time
from pathlib import Path


def main(spec: str) -> None:
    """One line in the tally, two events."""
    envelope = json.loads(Path(spec).read_text("utf-8"))
    append(envelope["spec"]["file"]["path"], envelope["job_id"] + "\n")
    lines = [{"at": time.time(), "type": "started"}, {"at": time.time(), "type": "finished", "summary": {}}]
    append(envelope["events"], "".join(json.dumps(line) + "\n" for line in lines))


def append(path: str, text: str) -> None:
    """Short writes to a file that is opened for appending do not mix."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, text.encode())
    os.close(file)


if __name__ == "__main__":
    main(sys.argv[1])
