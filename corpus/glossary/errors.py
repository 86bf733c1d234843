"""What is wrong with a glossary, in a file or in a plan of what to make of it.

CorpusError
├── GlossaryEmpty, GlossaryTooLarge, ColumnsUnclear, ConflictsRemain, BudgetTooSmall
└── PlaceError
    ├── TbxInvalid, RdfInvalid
    ├── TermInvalid, TermTooLong, StatusInvalid
    └── ConceptDuplicate, PreferredTwice, PreferredElsewhereForbidden, BroaderCycle
"""

from corpus.errors import CorpusError, PlaceError
from protocol.errors import ErrorCode


class GlossaryEmpty(CorpusError):
    """The glossary is empty: {reason}."""

    code = ErrorCode.GLOSSARY_EMPTY


class GlossaryTooLarge(CorpusError):
    """The glossary has more than {limit:,} terms, the most that one holds; split it by subject field or leave out languages."""

    code = ErrorCode.GLOSSARY_TOO_LARGE


class ConflictsRemain(CorpusError):
    """The concept {concept!r} has a conflict ({code}) that is not decided, or that a choice made: {first}."""

    code = ErrorCode.IMPORT_UNDECIDED


class ColumnsUnclear(CorpusError):
    """The mapping of the columns does not fit the file: {reason}."""

    code = ErrorCode.MAPPING_INVALID


class BudgetTooSmall(CorpusError):
    """A budget of {budget} rows is too small: {contexts} contexts for every concept are {needed} rows."""

    code = ErrorCode.BUDGET_TOO_SMALL


class TbxInvalid(PlaceError):
    """the XML is not TBX: {reason}."""

    code = ErrorCode.TBX_INVALID


class RdfInvalid(PlaceError):
    """the RDF is not valid: {reason}."""

    code = ErrorCode.RDF_INVALID


class TermInvalid(PlaceError):
    """the term {term!r} {reason}."""

    code = ErrorCode.TERM_INVALID


class TermTooLong(PlaceError):
    """a term has {length} characters; at most {limit} are allowed."""

    code = ErrorCode.TERM_TOO_LONG


class StatusInvalid(PlaceError):
    """{status!r} is not a status; one is preferred, admitted, deprecated, superseded or forbidden."""

    code = ErrorCode.STATUS_INVALID


class ConceptDuplicate(PlaceError):
    """the concept {concept!r} stands already in line {first_line}."""

    code = ErrorCode.CONCEPT_DUPLICATE


class PreferredTwice(PlaceError):
    """the concept {concept!r} has a second preferred term in {lang}: {term!r}; the first is in line {first_line}."""

    code = ErrorCode.PREFERRED_CONFLICT


class PreferredElsewhereForbidden(PlaceError):
    """{term!r} ({lang}) is {status} in {concept!r} but {first_status} in {first_concept!r} in line {first_line}."""

    code = ErrorCode.PREFERRED_CONFLICT


class BroaderCycle(PlaceError):
    """the concept {concept!r} is wider than itself: {path}."""

    code = ErrorCode.BROADER_CYCLE
