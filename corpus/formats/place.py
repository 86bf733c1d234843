"""Where a row stands, beyond its line: several rows may begin on one, and an archive has several files."""


class Place(int):
    """A line that knows at which column the row begins, which row of the file that is, and in which member of an archive."""

    column: int | None
    item: int | None
    file: str | None

    def __new__(
        cls, line: int, *, column: int | None = None, item: int | None = None, file: str | None = None
    ) -> "Place":
        """The line `line`; what is not said is taken over from it, where it is a place itself."""
        self = super().__new__(cls, line)
        self.column = column if column is not None else getattr(line, "column", None)
        self.item = item if item is not None else getattr(line, "item", None)
        self.file = file if file is not None else getattr(line, "file", None)
        return self
