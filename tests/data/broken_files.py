"""Uploads that must be refused, each with the documented code and the place that is named.

Used by the corpus's own tests and, over REST, by those of the web half. `line` and `column` count from 1;
None: the error knows no such place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from protocol.errors import ErrorCode

GOOD_ROW = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}\n'


@dataclass(frozen=True)
class BrokenFile:
    """One upload and the refusal it must meet."""

    name: str
    #: "fine-tune" or "glossary"
    purpose: str
    filename: str
    make: Callable[[], bytes]
    code: ErrorCode
    line: int | None = None
    column: int | None = None


def _tbx(body: str, doctype: str = "") -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}'
        '<tbx type="TBX-Basic" style="dca" xml:lang="en" xmlns="urn:iso:std:iso:30042:ed-2">\n'
        f"<text><body>\n{body}</body></text>\n</tbx>\n"
    ).encode()


def _concept(uid: str, *terms: str, status: str = "preferredTerm-admn-sts", extra: str = "") -> str:
    """Lines: conceptEntry, langSec, one a term, the closing tags."""
    sections = "".join(
        f'<termSec><term>{term}</term><termNote type="administrativeStatus">{status}</termNote>'
        f"{extra}</termSec>\n"
        for term in terms
    )
    return f'<conceptEntry id="{uid}">\n<langSec xml:lang="en">\n{sections}</langSec></conceptEntry>\n'


def _chat(*messages: str) -> bytes:
    return ('{"messages": [' + ", ".join(messages) + "]}\n").encode()


_USER = '{"role": "user", "content": "Hi"}'
_ASSISTANT = '{"role": "assistant", "content": "Hello"}'
_FORBIDDEN = '<termNote type="x-forbidden">true</termNote>'
_C = ErrorCode

BROKEN_FILES: tuple[BrokenFile, ...] = (
    # Bytes
    BrokenFile("no_bytes", "fine-tune", "a.jsonl", lambda: b"", _C.FILE_EMPTY),
    BrokenFile("blank_lines_only", "fine-tune", "a.jsonl", lambda: b"\n \n\n", _C.FILE_EMPTY),
    BrokenFile("bom_only", "fine-tune", "a.jsonl", lambda: b"\xef\xbb\xbf", _C.FILE_EMPTY),
    BrokenFile("unknown_extension", "fine-tune", "a.mp3", lambda: GOOD_ROW, _C.FILE_TYPE_UNSUPPORTED),
    BrokenFile("old_workbook", "fine-tune", "a.xls", lambda: GOOD_ROW, _C.FILE_TYPE_UNSUPPORTED),
    BrokenFile("no_extension", "fine-tune", "rows", lambda: GOOD_ROW, _C.FILE_TYPE_UNSUPPORTED),
    BrokenFile(
        "zip_named_jsonl",
        "fine-tune",
        "a.jsonl",
        lambda: b"PK\x03\x04" + bytes(64),
        _C.FILE_EXTENSION_MISMATCH,
    ),
    BrokenFile("xml_named_jsonl", "fine-tune", "a.jsonl", lambda: _tbx(""), _C.FILE_EXTENSION_MISMATCH),
    BrokenFile(
        "array_named_jsonl", "fine-tune", "a.jsonl", lambda: b'[{"a": 1}]', _C.FILE_EXTENSION_MISMATCH
    ),
    BrokenFile("json_named_csv", "fine-tune", "a.csv", lambda: GOOD_ROW, _C.FILE_EXTENSION_MISMATCH),
    BrokenFile(
        "bad_utf8",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW * 2 + b'{"prompt": "\xc3\xa9\xff',
        _C.ENCODING_INVALID,
        3,
        14,
    ),
    BrokenFile(
        "cut_utf8",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW + b'{"prompt": "\xe4\xb8',
        _C.ENCODING_INVALID,
        2,
        13,
    ),
    BrokenFile(
        "latin1_csv",
        "fine-tune",
        "a.csv",
        lambda: "prompt,completion\nHi,Café\n".encode("latin-1"),
        _C.ENCODING_INVALID,
        2,
        7,
    ),
    BrokenFile(
        "utf16_without_mark",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW.decode().encode("utf-16-le"),
        _C.ENCODING_INVALID,
        1,
        1,
    ),
    BrokenFile(
        "utf32", "fine-tune", "a.jsonl", lambda: GOOD_ROW.decode().encode("utf-32"), _C.ENCODING_INVALID, 1, 1
    ),
    BrokenFile(
        "cut_utf16",
        "fine-tune",
        "a.jsonl",
        lambda: ("\ufeff" + GOOD_ROW.decode() + "{").encode("utf-16-le")[:-1],
        _C.ENCODING_INVALID,
        2,
        1,
    ),
    BrokenFile("nul", "fine-tune", "a.jsonl", lambda: GOOD_ROW + b'{"pro\0mpt": ""}\n', _C.NUL_IN_TEXT, 2, 6),
    BrokenFile(
        "nul_escape",
        "fine-tune",
        "a.jsonl",
        lambda: b'{"prompt": "a\\u0000", "completion": "b"}',
        _C.NUL_IN_TEXT,
        1,
        14,
    ),
    BrokenFile(
        "huge_line",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW + b'{"prompt": "' + b"a" * 8 * 1024 * 1024,
        _C.LINE_TOO_LONG,
        2,
    ),
    # JSON
    BrokenFile(
        "bad_json_in_the_middle",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW * 3 + b'{"messages": [,]}\n' + GOOD_ROW,
        _C.JSON_INVALID,
        4,
        15,
    ),
    BrokenFile(
        "cut_json", "fine-tune", "a.jsonl", lambda: GOOD_ROW + b'{"messages": [', _C.JSON_INVALID, 2, 15
    ),
    BrokenFile(
        "two_values_in_a_line",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW[:-1] + b" {}",
        _C.JSON_INVALID,
        1,
        len(GOOD_ROW) + 1,
    ),
    BrokenFile("nan", "fine-tune", "a.jsonl", lambda: b'{"x": "NaN", "y": NaN}', _C.JSON_INVALID, 1, 19),
    BrokenFile("infinity", "fine-tune", "a.jsonl", lambda: b'{"x": [1, -Infinity]}', _C.JSON_INVALID, 1, 11),
    BrokenFile("overflowing_number", "fine-tune", "a.jsonl", lambda: b'{"x": 1e999}', _C.JSON_INVALID, 1, 7),
    BrokenFile(
        "endless_number",
        "fine-tune",
        "a.jsonl",
        lambda: b'{"x": ' + b"9" * 5000 + b"}",
        _C.JSON_INVALID,
        1,
        7,
    ),
    BrokenFile(
        "duplicate_key",
        "fine-tune",
        "a.jsonl",
        lambda: b'{"prompt": "a", "b": {"prompt": 1}, "prompt": "c"}',
        _C.JSON_INVALID,
        1,
        37,
    ),
    BrokenFile(
        "deep_json",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW + b'{"x": ' + b"[" * 100_000,
        _C.NESTING_TOO_DEEP,
        2,
        70,
    ),
    BrokenFile(
        "lone_surrogate",
        "fine-tune",
        "a.jsonl",
        lambda: b'{"prompt": "\\ud83d\\ude00 \\ud800", "completion": "b"}',
        _C.ENCODING_INVALID,
        1,
        26,
    ),
    # Rows
    BrokenFile("row_is_a_list", "fine-tune", "a.jsonl", lambda: GOOD_ROW + b"[1]\n", _C.ROW_INVALID, 2),
    BrokenFile(
        "unknown_shape",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW * 2 + b'{"a": "b"}\n',
        _C.ROW_SHAPE_UNKNOWN,
        3,
    ),
    BrokenFile(
        "two_shapes", "fine-tune", "a.jsonl", lambda: GOOD_ROW + b'{"text": "a"}\n', _C.SHAPES_MIXED, 2
    ),
    BrokenFile("prompt_alone", "fine-tune", "a.jsonl", lambda: b'{"prompt": "a"}\n', _C.SHAPE_UNSURE),
    BrokenFile(
        "unknown_role",
        "fine-tune",
        "a.jsonl",
        lambda: GOOD_ROW + _chat('{"role": "bot", "content": "Hi"}'),
        _C.ROLE_INVALID,
        2,
    ),
    BrokenFile("no_assistant", "fine-tune", "a.jsonl", lambda: _chat(_USER), _C.NO_ASSISTANT_MESSAGE, 1),
    BrokenFile("no_messages", "fine-tune", "a.jsonl", lambda: b'{"messages": []}', _C.ROW_INVALID, 1),
    BrokenFile(
        "empty_content",
        "fine-tune",
        "a.jsonl",
        lambda: _chat(_USER, '{"role": "assistant", "content": " "}'),
        _C.ROW_INVALID,
        1,
    ),
    BrokenFile(
        "content_is_a_list",
        "fine-tune",
        "a.jsonl",
        lambda: _chat('{"role": "user", "content": []}', _ASSISTANT),
        _C.ROW_INVALID,
        1,
    ),
    BrokenFile(
        "unknown_message_key",
        "fine-tune",
        "a.jsonl",
        lambda: _chat('{"role": "user", "content": "a", "mood": 1}', _ASSISTANT),
        _C.ROW_INVALID,
        1,
    ),
    # Tables
    BrokenFile("missing_column", "fine-tune", "a.csv", lambda: b"prompt,answr\na,b\n", _C.SHAPE_UNSURE),
    BrokenFile(
        "duplicate_column",
        "fine-tune",
        "a.csv",
        lambda: b"\nprompt,completion,Prompt\na,b,c\n",
        _C.COLUMN_DUPLICATE,
        2,
    ),
    BrokenFile(
        "ragged_row", "fine-tune", "a.csv", lambda: b'prompt,completion\n"a\nb",c\nd,e,f\n', _C.CSV_INVALID, 4
    ),
    BrokenFile(
        "open_quote",
        "fine-tune",
        "a.csv",
        lambda: b'prompt,completion\na,b\nc,"d\ne,f\n',
        _C.CSV_INVALID,
        3,
        3,
    ),
    BrokenFile(
        "text_after_a_quote",
        "fine-tune",
        "a.csv",
        lambda: b'prompt,completion\n"a"b,c\n',
        _C.CSV_INVALID,
        2,
        4,
    ),
    BrokenFile(
        "empty_cell", "fine-tune", "a.tsv", lambda: b"question\tanswer\na\tb\nc\t\n", _C.ROW_INVALID, 3
    ),
    BrokenFile("header_alone", "fine-tune", "a.csv", lambda: b"prompt,completion\n", _C.FILE_EMPTY),
    BrokenFile(
        "huge_record",
        "fine-tune",
        "a.csv",
        lambda: b'prompt,completion\na,"' + (b"b" * 999 + b"\n") * 9_000,
        _C.LINE_TOO_LONG,
        2,
    ),
    # Glossaries in XML
    BrokenFile(
        "csv_named_tbx", "glossary", "g.tbx", lambda: b"term,lang\na,en\n", _C.FILE_EXTENSION_MISMATCH
    ),
    BrokenFile(
        "internal_entity",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "&a;"), '<!DOCTYPE tbx [\n<!ENTITY a "b">\n]>\n'),
        _C.XML_ENTITY_FORBIDDEN,
        3,
        12,
    ),
    BrokenFile(
        "external_entity",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "&a;"), '<!DOCTYPE tbx [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'),
        _C.XML_ENTITY_FORBIDDEN,
        2,
        54,
    ),
    BrokenFile(
        "parameter_entity",
        "glossary",
        "g.tbx",
        lambda: _tbx("", '<!DOCTYPE tbx [<!ENTITY % a SYSTEM "http://127.0.0.1/a"> %a;]>\n'),
        _C.XML_ENTITY_FORBIDDEN,
        2,
        56,
    ),
    BrokenFile(
        "undeclared_entity",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "&a;"), '<!DOCTYPE tbx SYSTEM "a.dtd">\n'),
        _C.XML_ENTITY_FORBIDDEN,
        7,
        16,
    ),
    BrokenFile("cut_xml", "glossary", "g.tbx", lambda: _tbx(_concept("c1", "a"))[:-9], _C.XML_INVALID, 8, 8),
    BrokenFile(
        "crossed_tags", "glossary", "g.tbx", lambda: _tbx("<conceptEntry></body>"), _C.XML_INVALID, 4, 17
    ),
    BrokenFile(
        "xml_bad_utf8",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "café")).replace(b"\xc3\xa9", b"\xe9"),
        _C.ENCODING_INVALID,
        6,
        19,
    ),
    BrokenFile(
        "xml_in_utf7",
        "glossary",
        "g.tbx",
        lambda: b'<?xml version="1.0" encoding="UTF-7"?><tbx/>',
        _C.ENCODING_INVALID,
        1,
        1,
    ),
    BrokenFile("not_tbx", "glossary", "g.xml", lambda: b"<html>\n<body/></html>", _C.TBX_INVALID, 1, 1),
    BrokenFile(
        "deep_xml", "glossary", "g.tbx", lambda: b"<tbx>\n" + b"<a>" * 100, _C.NESTING_TOO_DEEP, 2, 190
    ),
    BrokenFile("no_concept_id", "glossary", "g.tbx", lambda: _tbx("<conceptEntry/>\n"), _C.TBX_INVALID, 4, 1),
    # Terms of a glossary
    BrokenFile("no_concept", "glossary", "g.tbx", lambda: _tbx(""), _C.GLOSSARY_EMPTY),
    BrokenFile(
        "concept_without_term", "glossary", "g.tbx", lambda: _tbx(_concept("c1")), _C.ROW_INVALID, 4, 1
    ),
    BrokenFile("empty_term", "glossary", "g.tbx", lambda: _tbx(_concept("c1", " ")), _C.TERM_INVALID, 6, 10),
    BrokenFile(
        "long_term", "glossary", "g.tbx", lambda: _tbx(_concept("c1", "a" * 257)), _C.TERM_TOO_LONG, 6, 10
    ),
    BrokenFile(
        "bidi_control", "glossary", "g.tbx", lambda: _tbx(_concept("c1", "a\u202eb")), _C.TERM_INVALID, 6, 10
    ),
    BrokenFile(
        "zero_width", "glossary", "g.csv", lambda: "term,lang\na\u200bb,en\n".encode(), _C.TERM_INVALID, 2
    ),
    BrokenFile(
        "two_preferred",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "a", "b")),
        _C.PREFERRED_CONFLICT,
        7,
        10,
    ),
    BrokenFile(
        "preferred_elsewhere_forbidden",
        "glossary",
        "g.tbx",
        lambda: _tbx(
            _concept("c1", "a")
            + _concept("c2", "A thing", "a", status="deprecatedTerm-admn-sts", extra=_FORBIDDEN)
        ),
        _C.PREFERRED_CONFLICT,
        11,
        10,
    ),
    BrokenFile(
        "duplicate_concept",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "a") + _concept("c1", "b")),
        _C.CONCEPT_DUPLICATE,
        8,
        1,
    ),
    BrokenFile(
        "unknown_status",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "a", status="nice")),
        _C.STATUS_INVALID,
        6,
        24,
    ),
    BrokenFile(
        "unknown_language",
        "glossary",
        "g.tbx",
        lambda: _tbx(_concept("c1", "a").replace('"en"', '"english language"')),
        _C.LANGUAGE_INVALID,
        6,
        10,
    ),
    BrokenFile(
        "same_term_twice",
        "glossary",
        "g.csv",
        lambda: b"concept,term,lang,status\nc,a,en,preferred\nc,A b,en,admitted\nc,a b,en,forbidden\n",
        _C.TERM_INVALID,
        4,
    ),
    # Glossaries in tables
    BrokenFile(
        "no_language_column", "glossary", "g.csv", lambda: b"term,definition\na,b\n", _C.COLUMN_MISSING, 1
    ),
    BrokenFile(
        "no_term_column", "glossary", "g.csv", lambda: b"word,definition\na,b\n", _C.COLUMN_MISSING, 1
    ),
    BrokenFile(
        "two_id_columns",
        "glossary",
        "g.csv",
        lambda: b"id,concept,term,lang\n1,2,a,en\n",
        _C.COLUMN_DUPLICATE,
        1,
    ),
    BrokenFile(
        "csv_status", "glossary", "g.csv", lambda: b"term,lang,status\na,en,houseword\n", _C.STATUS_INVALID, 2
    ),
    BrokenFile(
        "csv_flag", "glossary", "g.csv", lambda: b"term,lang,case_sensitive\na,en,maybe\n", _C.ROW_INVALID, 2
    ),
    BrokenFile(
        "wide_without_term", "glossary", "g.csv", lambda: b"en,zh,definition\n,,b\n", _C.TERM_INVALID, 2
    ),
    BrokenFile(
        "glossary_header_alone", "glossary", "g.csv", lambda: b"en,zh,definition\n", _C.GLOSSARY_EMPTY
    ),
    BrokenFile("wide_duplicate", "glossary", "g.csv", lambda: b"en,zh\na,b\na,c\n", _C.CONCEPT_DUPLICATE, 3),
)
