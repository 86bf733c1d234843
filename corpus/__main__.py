"""`python -m corpus prepare spec.json`: the jobs of this package as a process."""

import sys

from corpus.prepare import generate_rows, prepare, prepare_dataset, prepare_glossary
from protocol.process import run

COMMANDS = {
    "prepare": prepare,
    "prepare_dataset": prepare_dataset,
    "prepare_glossary": prepare_glossary,
    "generate_rows": generate_rows,
}

if __name__ == "__main__":
    raise SystemExit(run(COMMANDS, sys.argv[1:]))
