"""What is wrong with a file, or with what is to be made of it.

What only a glossary can have wrong is in `corpus.glossary.errors`, what only a cleaning in `corpus.cleaning.errors`.

CorpusError
├── FileEmpty, FileTooLarge, FileTypeUnsupported, FileExtensionMismatch, FileEncrypted
├── ArchiveInvalid, ArchiveTooLarge, ArchivePathUnsafe
├── WorkbookInvalid, ParquetInvalid, DocumentInvalid
├── ShapeUnsure, MappingInvalid
├── RecipeInvalid, RecipeInputMissing, ReplayDiffers, ReplayFailed
├── MixUnreachable
├── EndpointPrivate, EndpointFailed
├── TokenizerInvalid, TemplateUnusable, ChatRowInvalid, NoTrainableTokens
└── PlaceError                 carries `line` and `column`, both counted from 1; `column` None is unknown
    ├── EncodingInvalid, NulInText, LineTooLong
    ├── NestingTooDeep, JsonInvalid
    ├── CsvInvalid, ColumnMissing, ColumnDuplicate
    ├── RowInvalid, RowShapeUnknown, RoleInvalid, NoAssistantMessage
    ├── RoleOrder, ToolCallUnmatched, WeightInvalid, RowTooLong, BomInText, ShapesMixed
    ├── TooManyColumns, CellFormula, SeriesInvalid, ImageInvalid
    └── XmlInvalid, XmlEntityForbidden, LanguageInvalid
"""

from typing import Any

from protocol.errors import ErrorCode, StudioError


class CorpusError(StudioError):
    """Something is wrong with the text."""


class FileEmpty(CorpusError):
    """The file is empty: {reason}."""

    code = ErrorCode.FILE_EMPTY


class FileTooLarge(CorpusError):
    """The file has {size_bytes} bytes; at most {limit_bytes} are read."""

    code = ErrorCode.FILE_TOO_LARGE


class FileTypeUnsupported(CorpusError):
    """{filename!r} is not a file type that is read here: {hint}"""

    code = ErrorCode.FILE_TYPE_UNSUPPORTED


class FileExtensionMismatch(CorpusError):
    """{filename!r} does not hold what its name says: it holds {found}. {hint}"""

    code = ErrorCode.FILE_EXTENSION_MISMATCH


class FileEncrypted(CorpusError):
    """{filename!r} is protected by a password; save it without one."""

    code = ErrorCode.FILE_ENCRYPTED


class ArchiveInvalid(CorpusError):
    """{filename!r} cannot be unpacked: {reason}."""

    code = ErrorCode.ARCHIVE_INVALID


class ArchiveTooLarge(CorpusError):
    """{filename!r} is not unpacked: {reason}."""

    code = ErrorCode.ARCHIVE_TOO_LARGE


class ArchivePathUnsafe(CorpusError):
    """{filename!r} names a place outside itself: {member!r}."""

    code = ErrorCode.ARCHIVE_PATH_UNSAFE


class WorkbookInvalid(CorpusError):
    """{filename!r} is not a workbook that can be read: {reason}."""

    code = ErrorCode.WORKBOOK_INVALID


class ParquetInvalid(CorpusError):
    """{filename!r} is not a Parquet file that can be read: {reason}."""

    code = ErrorCode.PARQUET_INVALID


class DocumentInvalid(CorpusError):
    """{filename!r} is not a document that can be read: {reason}."""

    code = ErrorCode.DOCUMENT_INVALID


class ShapeUnsure(CorpusError):
    """It is not certain what the columns {found} mean; say which shape the rows have."""

    code = ErrorCode.SHAPE_UNSURE


class MappingInvalid(CorpusError):
    """The mapping of columns does not fit the shape {shape!r}: {reason}."""

    code = ErrorCode.MAPPING_INVALID


class MixUnreachable(CorpusError):
    """The mix of {wanted} cannot be reached: {reason}. There are {there}; the nearest mix is {nearest}."""

    code = ErrorCode.MIX_UNREACHABLE

    def __init__(self, **data: Any) -> None:
        target, best = ({k: f"{v:g} %" for k, v in (data[key] or {}).items()} for key in ("target", "best"))
        super().__init__(
            wanted=_listed(target), nearest=_listed(best), there=_listed(data["available"]), **data
        )


def _listed(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"


class EndpointPrivate(CorpusError):
    """{host!r} leads to {address}, inside a network, where no generator is asked."""

    code = ErrorCode.ENDPOINT_PRIVATE


class EndpointFailed(CorpusError):
    """The generator's endpoint gave no answer: {reason}."""

    code = ErrorCode.ENDPOINT_FAILED
    permanent = False


class RecipeInvalid(CorpusError):
    """The recipe is not valid: {reason}."""

    code = ErrorCode.RECIPE_INVALID


class RecipeInputMissing(CorpusError):
    """The recipe needs a file that is not there any more: sha256 {sha256}."""

    code = ErrorCode.RECIPE_INPUT_MISSING


class ReplayDiffers(CorpusError):
    """Operation {step} ({op}) gave other rows: {expected} was expected, {found} came out."""

    code = ErrorCode.REPLAY_DIFFERS


class ReplayFailed(CorpusError):
    """The operation {op!r} could not be done again: {reason}."""

    code = ErrorCode.RECIPE_INVALID


class TokenizerInvalid(CorpusError):
    """The model's {file} cannot be read: {reason}."""

    code = ErrorCode.MODEL_INVALID


class TemplateUnusable(CorpusError):
    """The model's chat template {reason}."""

    code = ErrorCode.MODEL_INVALID


class ChatRowInvalid(CorpusError):
    """Line {line} of {file} is not a chat row: {reason}."""

    code = ErrorCode.ROW_INVALID


class NoTrainableTokens(CorpusError):
    """None of the {rows} rows has an assistant token to learn within {max_length} tokens."""

    code = ErrorCode.NO_TRAINABLE_TOKENS


class PlaceError(CorpusError):
    """Something is wrong at one place of a file."""

    def __init__(self, *, line: int, column: int | None = None, **data: Any) -> None:
        if column is None:
            # Where the row begins, in a format that has several on a line (corpus.formats.place).
            column = getattr(line, "column", None)
        super().__init__(line=line, column=column, **data)
        place = f"Line {line}" if column is None else f"Line {line}, column {column}"
        self.message = f"{place}: {self.message}"
        self.args = (self.message,)


class EncodingInvalid(PlaceError):
    """the text is not valid {encoding}: {reason}."""

    code = ErrorCode.ENCODING_INVALID


class NulInText(PlaceError):
    """the text holds a NUL character."""

    code = ErrorCode.NUL_IN_TEXT


class LineTooLong(PlaceError):
    """the line or record is longer than {limit_bytes} bytes."""

    code = ErrorCode.LINE_TOO_LONG


class NestingTooDeep(PlaceError):
    """the nesting is deeper than {limit}."""

    code = ErrorCode.NESTING_TOO_DEEP


class JsonInvalid(PlaceError):
    """the JSON is not valid: {reason}."""

    code = ErrorCode.JSON_INVALID


class CsvInvalid(PlaceError):
    """the table is not valid: {reason}."""

    code = ErrorCode.CSV_INVALID


class ColumnMissing(PlaceError):
    """the header has no column {name!r}; it has {found}."""

    code = ErrorCode.COLUMN_MISSING


class ColumnDuplicate(PlaceError):
    """the header names the column {name!r} twice."""

    code = ErrorCode.COLUMN_DUPLICATE


class RowInvalid(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.ROW_INVALID


class RowShapeUnknown(PlaceError):
    """the row has the fields of no shape that is known; its keys are {found}."""

    code = ErrorCode.ROW_SHAPE_UNKNOWN


class RoleInvalid(PlaceError):
    """{field} is {role!r}; a role is developer, system, user, assistant or tool."""

    code = ErrorCode.ROLE_INVALID


class NoAssistantMessage(PlaceError):
    """no message is by the assistant, so there is nothing to learn."""

    code = ErrorCode.NO_ASSISTANT_MESSAGE


class RoleOrder(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.ROLE_ORDER


class ToolCallUnmatched(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.TOOL_CALL_UNMATCHED


class WeightInvalid(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.WEIGHT_INVALID


class RowTooLong(PlaceError):
    """the row has {characters} characters; at most {limit} are taken."""

    code = ErrorCode.ROW_TOO_LONG


class BomInText(PlaceError):
    """a byte order mark stands in the middle of the text."""

    code = ErrorCode.BOM_IN_TEXT


class ShapesMixed(PlaceError):
    """the row is {found}, while those before it are {expected}; one file holds one shape."""

    code = ErrorCode.SHAPES_MIXED


class TooManyColumns(PlaceError):
    """the table has {columns} columns; at most {limit} are read."""

    code = ErrorCode.TOO_MANY_COLUMNS


class CellFormula(PlaceError):
    """{field} holds a formula without a value."""

    code = ErrorCode.CELL_FORMULA


class SeriesInvalid(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.SERIES_INVALID


class ImageInvalid(PlaceError):
    """{field} {reason}."""

    code = ErrorCode.IMAGE_INVALID


class XmlInvalid(PlaceError):
    """the XML is not well-formed: {reason}."""

    code = ErrorCode.XML_INVALID


class XmlEntityForbidden(PlaceError):
    """the XML declares or uses the entity {name!r}; entities are not read."""

    code = ErrorCode.XML_ENTITY_FORBIDDEN


class LanguageInvalid(PlaceError):
    """{lang!r} is not a language tag such as en, en-GB or zh-Hans."""

    code = ErrorCode.LANGUAGE_INVALID
