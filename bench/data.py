"""Datasets of a million rows: what reading and checking them takes, and finding near-duplicates in them.

.venv/bin/python bench/data.py                      # both, at their full size
.venv/bin/python bench/data.py parse --rows 1000000
.venv/bin/python bench/data.py near-duplicates --help
"""

import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# First of all: scripts beside this one bear the names of modules that others import.
sys.path[0] = str(ROOT)

#: Subcommand -> the module with its `main(arguments)`.
COMMANDS = {"parse": "bench.rig.parse", "near-duplicates": "bench.rig.near_duplicates"}


def main() -> None:
    """Hand the arguments to the subcommand's module; without any, run each."""
    if len(sys.argv) < 2:
        for name in COMMANDS.values():
            import_module(name).main([])
        return
    if sys.argv[1] not in COMMANDS:
        raise SystemExit(f"usage: bench/data.py [{'|'.join(COMMANDS)}] [--help]")
    import_module(COMMANDS[sys.argv[1]]).main(sys.argv[2:])


if __name__ == "__main__":
    main()
