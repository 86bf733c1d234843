"""`python -m forge train|evaluate|serve SPEC.json` and `python -m forge import-base [--tiny] FOLDER`."""

import os
import sys
from pathlib import Path

from protocol.process import Command, run


def table() -> dict[str, Command]:
    """Command -> function; imported here, so that a command loads only what it needs."""
    from forge.evaluation.compare import run as evaluate
    from forge.recipes.lora import run as train
    from forge.serving.server import run as serve

    return {"train": train, "evaluate": evaluate, "serve": serve}


def import_base(words: list[str]) -> int:
    """Bring a base model into a folder."""
    from forge.models.convert import import_smollm2, import_tiny

    tiny = "--tiny" in words
    folders = [word for word in words if word != "--tiny"]
    if len(folders) != 1:
        sys.stderr.write("usage: import-base [--tiny] FOLDER\n")
        return 2
    (import_tiny if tiny else import_smollm2)(Path(folders[0]))
    return 0


def main(argv: list[str]) -> int:
    """The exit code of a command."""
    import torch

    # A fixed number of threads adds in a fixed order: a resumed run on this machine computes the same bits.
    torch.set_num_threads(max(1, len(os.sched_getaffinity(0))))
    if argv[:1] == ["import-base"]:
        return import_base(argv[1:])
    return run(table(), argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
