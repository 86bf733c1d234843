"""Dates of a workbook: Excel keeps a number of days, and only the style of its cell says that it is one."""

import re
from datetime import date, datetime, timedelta
from xml.sax.xmlreader import AttributesImpl

from corpus.glossary.formats.xlsx_parts import Reader

#: Number formats that every Excel knows as dates or times, by id.
_BUILT_IN = frozenset({*range(14, 23), *range(27, 37), 45, 46, 47, *range(50, 59)})
#: What in a format is no code: quoted and escaped text, and colours, currencies or conditions in brackets.
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[[hms]+\]", re.IGNORECASE)
_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
#: The day before the first, for numbers behind the 29 February 1900 that Excel believes in, and before it.
_EPOCH, _EARLY = date(1899, 12, 30), date(1899, 12, 31)
_EPOCH_1904 = date(1904, 1, 1)
#: 31 December 9999.
_LAST = 2_958_465


class StylesReader(Reader):
    """Which styles of cells show a number as a date or a time of day."""

    def __init__(self) -> None:
        super().__init__()
        self.dates: set[int] = set()
        self._formats: dict[str, str] = {}
        self._in_cells = False
        self._count = 0

    def start(self, name: str, attrs: AttributesImpl) -> None:
        if name == "numFmt":
            self._formats[str(attrs.get("numFmtId", ""))] = str(attrs.get("formatCode", ""))
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if self._is_date(str(attrs.get("numFmtId", "0"))):
                self.dates.add(self._count)
            self._count += 1

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def _is_date(self, id_: str) -> bool:
        code = self._formats.get(id_)
        if code is None:
            return id_.isdecimal() and len(id_) < 5 and int(id_) in _BUILT_IN
        shown = _NO_CODE.sub("", code.partition(";")[0])
        return not _ELAPSED.search(shown) and "general" not in shown.lower() and bool(_CODE.search(shown))


def date_of(value: str, *, is_1904: bool) -> str | None:
    """The date, the time of day or both that a number of days stands for (ISO 8601); nothing where it stands for none."""
    try:
        days = float(value)
    except ValueError:
        return None
    if not 0 <= days < _LAST:
        return None
    seconds = round(days * 86_400)
    if is_1904:
        epoch = _EPOCH_1904
    else:
        epoch = _EPOCH if days >= 60 else _EARLY
    moment = datetime(epoch.year, epoch.month, epoch.day) + timedelta(seconds=seconds)
    if days < 1:
        return moment.time().isoformat()
    return moment.date().isoformat() if seconds % 86_400 == 0 else moment.isoformat()
