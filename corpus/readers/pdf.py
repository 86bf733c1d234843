"""PDF text: one row a paragraph, with its page. Pictures of text are not read."""

import re
from collections.abc import Generator
from pathlib import Path
from typing import Any

from corpus.errors import DocumentInvalid, FileEncrypted
from corpus.formats.options import Options
from corpus.readers.deadline import TooSlow, within

MAX_PAGES = 20_000
#: No page of text takes that long; a content stream that loops does.
_PAGE_S = 10
_OPEN_S = 10
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


def read_pdf(path: Path, options: Options) -> Generator[tuple[int, Any]]:
    """(page from 1, {"text", "page", "paragraph"}) of each paragraph. Raises DocumentInvalid, FileEncrypted."""
    reader, pages = _opened(path, options.filename)
    has_text = False
    for page in range(1, pages + 1):
        if options.on_bytes is not None:
            options.on_bytes(path.stat().st_size * page // pages)
        text = _text_of(reader, page, options.filename)
        for number, paragraph in enumerate(_PARAGRAPH.split(text), 1):
            if stripped := paragraph.replace("\0", "").strip():
                has_text = True
                yield page, {"text": stripped, "page": page, "paragraph": number}
    if not has_text:
        raise DocumentInvalid(filename=options.filename, reason="it has no text; a scan is not read")


def _opened(path: Path, filename: str) -> tuple[Any, int]:
    """The reader and its number of pages. Raises DocumentInvalid, FileEncrypted."""
    import pypdf

    try:
        with within(_OPEN_S):
            reader = pypdf.PdfReader(path, strict=False)
            # An empty password opens what is only protected against printing.
            is_open = not reader.is_encrypted or bool(reader.decrypt(""))
            pages = len(reader.pages) if is_open else 0
    except TooSlow as error:
        raise DocumentInvalid(filename=filename, reason="its pages cannot be counted in time") from error
    except pypdf.errors.DependencyError as error:
        raise FileEncrypted(filename=filename) from error
    # A damaged file makes the library fail in every way there is.
    except Exception as error:
        raise _invalid(filename, error) from error
    if not is_open:
        raise FileEncrypted(filename=filename)
    if not 0 < pages <= MAX_PAGES:
        reason = f"it has {pages} pages; 1 to {MAX_PAGES} are read"
        raise DocumentInvalid(filename=filename, reason=reason)
    return reader, pages


def _text_of(reader: Any, page: int, filename: str) -> str:
    try:
        with within(_PAGE_S):
            text: str = reader.pages[page - 1].extract_text()
            return text
    except TooSlow as error:
        raise DocumentInvalid(filename=filename, reason=f"page {page} cannot be read in time") from error
    # As above: a damaged page makes the library fail in every way there is.
    except Exception as error:
        raise _invalid(filename, error, f"page {page}: ") from error


def _invalid(filename: str, error: Exception, place: str = "") -> DocumentInvalid:
    said = str(error).split("\n")[0][:160] or "it is damaged"
    return DocumentInvalid(filename=filename, reason=f"{place}{type(error).__name__}: {said}")
