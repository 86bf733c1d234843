"""What to do about a problem in a file, in one sentence a code."""

from protocol.errors import ErrorCode

_C = ErrorCode
FIXES: dict[ErrorCode, str] = {
    _C.FILE_EMPTY: "Export the data again and look at the file before uploading.",
    _C.ENCODING_INVALID: "Save the file as UTF-8, or say which encoding it has.",
    _C.NUL_IN_TEXT: "Remove the NUL character.",
    _C.LINE_TOO_LONG: "Write one row a line; check that every quote is closed.",
    _C.NESTING_TOO_DEEP: "Flatten the row.",
    _C.JSON_INVALID: "Correct the place named; write rows with a JSON library.",
    _C.CSV_INVALID: "Quote cells that hold delimiters, quotes or line feeds.",
    _C.COLUMN_MISSING: "Add the column, or say which column stands for it.",
    _C.COLUMN_DUPLICATE: "Remove or rename one of the columns.",
    _C.ROW_INVALID: "Correct the field named.",
    _C.ROW_SHAPE_UNKNOWN: "Give the row the fields of its shape.",
    _C.ROLE_INVALID: "Use developer, system, user, assistant or tool.",
    _C.NO_ASSISTANT_MESSAGE: "Add the answer or remove the row.",
    _C.ROLE_ORDER: "Put system messages first and end with the assistant's answer.",
    _C.TOOL_CALL_UNMATCHED: "Give each tool call its answer, by its id, right behind it.",
    _C.WEIGHT_INVALID: "Weight only answers, and leave at least one with weight 1.",
    _C.ROW_TOO_LONG: "Cut the text into parts.",
    _C.BOM_IN_TEXT: "Remove the byte order mark; it comes from files joined together.",
    _C.SHAPE_UNSURE: "Say which shape the rows have and which column is which field.",
    _C.SHAPES_MIXED: "Put the rows of each shape into a file of their own.",
    _C.MAPPING_INVALID: "Correct the mapping of columns to fields.",
    _C.TOO_MANY_COLUMNS: "Turn the table, or leave out columns.",
    _C.CELL_FORMULA: "Save the workbook in a spreadsheet program, or paste the values.",
    _C.SERIES_INVALID: "Fill or cut gaps, and write finite numbers.",
    _C.IMAGE_INVALID: "Put the picture into the ZIP as PNG, JPEG, WebP or GIF, or write it as a data URL.",
    _C.LANGUAGE_INVALID: "Use tags such as en, en-GB or zh-Hans.",
    _C.XML_INVALID: "Correct the XML at the place named.",
    _C.XML_ENTITY_FORBIDDEN: "Remove the declarations of entities.",
}


def fix_for(code: ErrorCode) -> str:
    """The sentence of a code; a general one where a code says all by itself."""
    return FIXES.get(code, "Correct the file and upload it again.")
