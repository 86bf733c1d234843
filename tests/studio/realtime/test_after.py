"""The number a replay begins after."""

import pytest

from studio.realtime import consumers


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "9" * 19, "", "%31", "²"])
def test_a_wrong_number_to_begin_after_is_no_number(after: str) -> None:
    assert consumers.read_after(f"after={after}".encode()) is None


@pytest.mark.parametrize(("query", "after"), [(b"", 0), (b"after=0", 0), (b"x=1&after=412", 412)])
def test_the_number_to_begin_after_is_0_by_default(query: bytes, after: int) -> None:
    assert consumers.read_after(query) == after
