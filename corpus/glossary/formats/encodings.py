"""Tables in the encodings people save them in: UTF-8, UTF-16 with or without its mark, GB 18030, Big5; the rest sees UTF-8."""

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import EncodingInvalid, NulInText
from corpus.formats.text import check_text, detect_encoding

_CHUNK = 64 * 1024
#: Encodings of Chinese -> the lead bytes of their everyday characters, by which text in one is told from text in the other.
_COMMON = {"gb18030": (0xB0, 0xD7), "big5hkscs": (0xA4, 0xC6)}
#: Characters that are looked at to see whether a guess gives sense.
_SAMPLE = 20_000


@contextmanager
def as_utf8(path: Path) -> Iterator[Path]:
    """The file, or a copy of it in UTF-8 where it is in another encoding that gives sense.

    Raises EncodingInvalid, NulInText with the place in the file as UTF-8.
    """
    encoding = encoding_of(path)
    if encoding is None:
        yield path
        return
    with tempfile.NamedTemporaryFile(suffix=".txt") as copy:
        decoder = codecs.getincrementaldecoder(encoding)("strict")
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                copy.write(decoder.decode(chunk).encode())
            copy.write(decoder.decode(b"", final=True).encode())
        copy.flush()
        yield Path(copy.name)


def encoding_of(path: Path) -> str | None:
    """The encoding a file must be turned from, or nothing where it can be read as it is.

    Raises EncodingInvalid, NulInText where no encoding gives sense.
    """
    with path.open("rb") as file:
        head = file.read(_CHUNK)
    try:
        encoding, _ = detect_encoding(head)
        check_text(path, encoding)
    except (EncodingInvalid, NulInText):
        if b"\0" not in head:
            shares = {each: _common_share(_sample(path, each), each) for each in _COMMON}
            best = max(shares, key=lambda each: shares[each])
            if shares[best] > 0:
                return best
        for candidate in ("utf-16-le", "utf-16-be"):
            if _is_written(_sample(path, candidate), mostly_han=False):
                return candidate
        raise
    return None


def _sample(path: Path, encoding: str) -> str:
    """The beginning of the file in an encoding; nothing where not all of it can be decoded."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    sample = ""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                text = decoder.decode(chunk)
                if "\0" in text:
                    return ""
                if len(sample) < _SAMPLE:
                    sample += text
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return ""
    return sample[:_SAMPLE]


def _common_share(text: str, encoding: str) -> float:
    """How much of the Han text is in the characters that the encoding has for everyday use; 0 for what nobody writes."""
    if not _is_written(text, mostly_han=True):
        return 0.0
    first, last = _COMMON[encoding]
    han = [char.encode(encoding)[0] for char in text if _is_han(char)]
    return sum(first <= lead <= last for lead in han) / len(han)


def _is_written(text: str, *, mostly_han: bool) -> bool:
    """Words and cells: printable, with a line or cell end, and Han characters that stand together, not one by one."""
    if not any(mark in text for mark in ",;\t|\n"):
        return False
    strange = sum(
        1 for char in text if not (char.isprintable() or char in "\t\r\n") or "\ue000" <= char <= "\uf8ff"
    )
    if strange > 0.01 * len(text):
        return False
    han = [_is_han(char) for char in text]
    if not mostly_han:
        return True
    beside = sum(
        1 for i, one in enumerate(han) if one and (any(han[max(i - 1, 0) : i]) or any(han[i + 1 : i + 2]))
    )
    return sum(han) >= 2 and beside >= 0.6 * sum(han)


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf" or "\u3000" <= char <= "\u303f"
