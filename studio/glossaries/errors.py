"""What can be wrong with a glossary. What is wrong inside a file is said by `corpus.errors`.

StudioError
└── GlossariesError
    ├── LanguageNotOffered   no rows can be written in this language
    ├── NotOfOneProject      a version of another project was named
    ├── GlossaryWithoutTerms nothing can be looked for
    ├── NothingToMine        no text was chosen
    ├── CandidateDecided     somebody decided it already
    ├── VersionGone          a job's glossary version is no longer there
    ├── ConceptInvalid       a concept that was typed or sent is wrong; `field` says where
    │   ├── TermTextInvalid  a term is empty or holds a hidden character
    │   │   └── FormTwice    a concept has one form twice in a language
    │   ├── TermTextTooLong
    │   ├── TermLangInvalid
    │   ├── TermStatusInvalid
    │   └── PreferredTwice   a concept prefers two terms in one language
    ├── DraftClosed          the draft was published or discarded
    ├── DraftUnchanged       a draft says what the newest version says already
    ├── EditConflict         somebody else changed the concept meanwhile
    │   └── DraftBehind      another version was published that changes the same concepts
    ├── NothingToUndo        nor to redo
    ├── GlossaryInUse        something was made from it, so it cannot be deleted
    ├── NameMissing          a glossary needs a name
    ├── GlossaryNameTaken    another glossary of the project has the name
    ├── ImportClosed         an import was accepted or discarded already
    ├── ImportUndecided      conflicts of an import wait for a choice
    ├── ImportStale          another version came since the import was planned
    └── EntriesInvalid       entries that a translation tool pushed cannot be read
"""

from protocol.errors import ErrorCode, StudioError


class GlossariesError(StudioError):
    """Something is wrong with a glossary."""


class LanguageNotOffered(GlossariesError):
    """Rows can be written in {offered}, not in {lang!r}."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, lang: str, offered: str) -> None:
        super().__init__(lang=lang, offered=offered, param="lang")


class NotOfOneProject(GlossariesError):
    """The {what} does not belong to this project."""

    code = ErrorCode.NOT_FOUND


class GlossaryWithoutTerms(GlossariesError):
    """Version {number} has no concepts, so there is nothing to look for; choose another version."""

    code = ErrorCode.GLOSSARY_EMPTY


class NothingToMine(GlossariesError):
    """No text was chosen; name at least one dataset version or file."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self) -> None:
        super().__init__(param="dataset_versions")


class CandidateDecided(GlossariesError):
    """The candidate {text!r} is {state} already; load the list again."""

    code = ErrorCode.EDIT_CONFLICT


class VersionGone(GlossariesError):
    """The {what} {id} that the rows were to be made from is no longer there."""

    code = ErrorCode.NOT_FOUND


class ConceptInvalid(GlossariesError):
    """The concept {uid!r} cannot be kept: {field} {reason}."""

    code = ErrorCode.ROW_INVALID

    def __init__(self, uid: str, field: str, value: str, reason: str) -> None:
        super().__init__(uid=uid, field=field, value=value, reason=reason, param=field)


class TermTextInvalid(ConceptInvalid):
    """The term {value!r} of the concept {uid!r} {reason}."""

    code = ErrorCode.TERM_INVALID


class FormTwice(TermTextInvalid):
    """The concept {uid!r} has the term {value!r} twice in {reason}."""


class TermTextTooLong(ConceptInvalid):
    """The term {value!r}... of the concept {uid!r} {reason}."""

    code = ErrorCode.TERM_TOO_LONG


class TermLangInvalid(ConceptInvalid):
    """{value!r} is not a language tag such as en, en-GB or zh-Hans."""

    code = ErrorCode.LANGUAGE_INVALID


class TermStatusInvalid(ConceptInvalid):
    """{value!r} is not a status; one is preferred, admitted, deprecated, superseded or forbidden."""

    code = ErrorCode.STATUS_INVALID


class PreferredTwice(ConceptInvalid):
    """The concept {uid!r} would prefer a second term in {reason}: {value!r}; make one of them admitted."""

    code = ErrorCode.PREFERRED_CONFLICT


class DraftClosed(GlossariesError):
    """The draft is {state}: nothing can be changed in it any more; a new edit begins a new draft."""

    code = ErrorCode.DRAFT_CLOSED


class DraftUnchanged(GlossariesError):
    """The draft says what the newest version of {glossary!r} says already, so there is nothing to publish."""

    code = ErrorCode.DRAFT_UNCHANGED


class EditConflict(GlossariesError):
    """The concept {uid!r} was changed meanwhile by {by}: look at both and decide."""

    code = ErrorCode.EDIT_CONFLICT


class DraftBehind(EditConflict):
    """Version {number} was published meanwhile and changes {count} of the draft's concepts too: {uids}; say whose to keep."""


class NothingToUndo(GlossariesError):
    """You have nothing to {move} in this draft."""

    code = ErrorCode.NOTHING_TO_UNDO


class GlossaryInUse(GlossariesError):
    """The glossary {name!r} cannot be deleted: {reason}."""

    code = ErrorCode.OBJECT_IN_USE


class NameMissing(GlossariesError):
    """A glossary's name has 1 to {limit} characters."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, limit: int) -> None:
        super().__init__(limit=limit, param="name")


class GlossaryNameTaken(GlossariesError):
    """The project has a glossary {name!r} already."""

    code = ErrorCode.INVALID_REQUEST

    def __init__(self, name: str) -> None:
        super().__init__(name=name, param="name")


class EntriesInvalid(GlossariesError):
    """The entries cannot be taken: {reason}."""

    code = ErrorCode.INVALID_REQUEST


class ImportClosed(GlossariesError):
    """The import is {state}; nothing can be decided any more."""

    code = ErrorCode.IMPORT_CLOSED


class ImportUndecided(GlossariesError):
    """{count} conflicts wait for a choice, the first about the concept {concept!r} ({conflict})."""

    code = ErrorCode.IMPORT_UNDECIDED


class ImportStale(GlossariesError):
    """The glossary has version {newest} now; the plan was made against {base}. Plan it again."""

    code = ErrorCode.IMPORT_STALE
