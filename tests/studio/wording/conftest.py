"""The language of a page ends with its test."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """The test client leaves the thread in the last page's language."""
    yield
    translation.deactivate()
