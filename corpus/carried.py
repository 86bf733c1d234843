"""What a version made from others takes over unchanged: their validation rows and their held-out prompts."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from corpus.mix.rows import raw_rows
from corpus.records import Row


def prompt_key(row: Row) -> bytes:
    """What two rows share that must not be parted by a split: the prompt, folded."""
    text = " ".join((row.prompt or row.text).casefold().split())
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def prompt_keys(paths: Iterable[Path]) -> set[bytes]:
    """The keys of all rows of some files."""
    return {prompt_key(raw.row) for path in paths for raw in raw_rows(path)}


def carried_validation(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of the validation splits, each once."""
    return _once(paths)


def carried_prompts(paths: Iterable[Path]) -> Iterator[str]:
    """The lines of the held-out prompts, each once."""
    return _once(paths)


def _once(paths: Iterable[Path]) -> Iterator[str]:
    seen: set[bytes] = set()
    for path in paths:
        with path.open("rb") as file:
            for line in file:
                digest = hashlib.blake2b(line.strip(), digest_size=16).digest()
                if line.strip() and digest not in seen:
                    seen.add(digest)
                    yield line.decode().rstrip("\n") + "\n"
