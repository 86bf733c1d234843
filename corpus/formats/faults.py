"""What a reader does with a fault that concerns one line or row only."""

from collections.abc import Callable

from corpus.errors import PlaceError

#: Told of a fault behind which the reader can go on; it raises where the first one ends the reading.
OnFault = Callable[[PlaceError], None]


def refuse(error: PlaceError) -> None:
    """The first fault ends the reading."""
    raise error
