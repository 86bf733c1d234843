"""What an earlier attempt computed is taken only where it is whole and was computed from the same."""

from pathlib import Path

import pytest
import torch

from forge.data.kept import Kept

FACTS: dict[str, object] = {"rows": 3, "share": 0.1}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    made = Kept(tmp_path / "kept", min_free_bytes=0)
    made.write("rows", FACTS, {"tokens": torch.arange(6.0)})
    return made


def test_it_comes_back_bit_for_bit(kept: Kept) -> None:
    found = kept.read("rows", FACTS)

    assert found is not None
    assert torch.equal(found["tokens"], torch.arange(6.0))


def test_from_something_else_it_is_computed_anew(kept: Kept) -> None:
    assert kept.read("rows", FACTS | {"rows": 4}) is None
    assert kept.read("other", FACTS) is None


def test_a_changed_byte_is_found(kept: Kept, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "rows" / "kept.safetensors"
    whole = bytearray(path.read_bytes())
    whole[-1] ^= 1
    path.write_bytes(whole)

    assert kept.read("rows", FACTS) is None


def test_a_torn_index_is_none(kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "kept" / "rows" / "kept.json").write_text('{"facts": {')

    assert kept.read("rows", FACTS) is None


def test_the_disk_has_better_uses(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept", min_free_bytes=2**60)

    kept.write("rows", FACTS, {"tokens": torch.zeros(1)})

    assert kept.read("rows", FACTS) is None


def test_in_the_end_nothing_is_left(kept: Kept, tmp_path: Path) -> None:
    kept.forget()

    assert list(tmp_path.iterdir()) == []
