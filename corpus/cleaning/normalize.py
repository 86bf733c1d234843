"""One spelling of the same text: NFC, line feeds for line ends."""

import unicodedata
from collections.abc import Iterator

from corpus.cleaning.pipeline import CleaningReport, NumberedRow

REASON = "normalized"


class Normalize:
    """Brings every text to NFC with LF line ends."""

    def apply(self, rows: Iterator[NumberedRow], report: CleaningReport) -> Iterator[NumberedRow]:
        """All rows, some of them rewritten."""
        for line, row in rows:
            texts = row.texts()
            changed = tuple(map(_normalized, texts))
            if changed == texts:
                yield line, row
            else:
                report.change(REASON, line)
                yield line, row.with_texts(changed)


def normal_text(text: str) -> str:
    """The text in NFC with LF line ends."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _normalized(text: str) -> str:
    return text if text.isascii() and "\r" not in text else normal_text(text)
