"""The encodings of XML: what a file says of itself decides, held against its bytes. Old ones are turned into UTF-8 on the way."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from corpus.errors import EncodingInvalid
from corpus.formats.text import check_text, detect_encoding

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "utf-16"})
#: What a file may say it is in -> the codec; that of the wider set where people mean it (GB 2312 is GBK since 1995).
_CODECS = {
    **{f"iso-8859-{n}": f"iso8859-{n}" for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"windows-125{n}": f"cp125{n}" for n in range(9)},
    **dict.fromkeys(("iso-8859-1", "latin1", "latin-1"), "cp1252"),
    **dict.fromkeys(("gb2312", "gbk", "gb18030", "gb_2312-80"), "gb18030"),
    **dict.fromkeys(("big5", "big5-hkscs"), "big5hkscs"),
    **dict.fromkeys(("shift_jis", "shift-jis", "windows-31j"), "cp932"),
    "euc-jp": "euc_jp",
    "euc-kr": "cp949",
    "koi8-r": "koi8_r",
}


class Bytes(Protocol):
    """What a parser needs of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; nothing at the end alone."""
        ...

    def tell(self) -> int:
        """How much of the file was read."""
        ...


@contextmanager
def opened(path: Path) -> Iterator[tuple[Bytes, str | None]]:
    """The file as bytes that a parser reads, and their encoding where its declaration is not to be asked.

    Raises EncodingInvalid, NulInText.
    """
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(0)
        encoding, bom = detect_encoding(head)
        found = _DECLARED.match(head[bom:])
        declared = found[1].decode("ascii").lower() if found else "utf-8"
        if encoding == "utf-8" and not bom and declared in _CODECS:
            yield _Recoded(file, _CODECS[declared], declared), "utf-8"
            return
        if declared not in _UNICODE:
            reason = f"the file declares {declared}; save it as UTF-8"
            raise EncodingInvalid(line=1, column=1, encoding="UTF-8", reason=reason)
        check_text(path, encoding)
        # Who saves a file in the other encoding often leaves the declaration as it was; the bytes have told.
        yield file, "utf-8" if encoding == "utf-8" else "utf-16"


class _Recoded:
    """A stream in another encoding, read as UTF-8."""

    def __init__(self, file: Bytes, codec: str, name: str) -> None:
        self._file = file
        self._name = name
        self._decoder = codecs.getincrementaldecoder(codec)("strict")
        self._line = 1

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; nothing at the end alone."""
        while True:
            chunk = self._file.read(size)
            try:
                text = self._decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                line = self._line + error.object[: error.start].count(b"\n")
                reason = f"the file declares it, but: {error.reason}"
                raise EncodingInvalid(line=line, column=None, encoding=self._name, reason=reason) from error
            self._line += text.count("\n")
            if text or not chunk:
                return text.encode()

    def tell(self) -> int:
        """How much of the file was read."""
        return self._file.tell()
