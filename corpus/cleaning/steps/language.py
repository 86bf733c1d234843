"""Language: rows in a language that is not wanted."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from corpus.cleaning.fences import prose_of
from corpus.cleaning.step import Drop, Finding, Params, RowStep
from corpus.languages.identify import LOOKED_AT, UNKNOWN, language_of
from corpus.records import Row


class LanguageParams(Params):
    """Which languages stay."""

    keep: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        ("zh", "en"), min_length=1, max_length=50, title="Languages that stay", description="ISO 639-1 codes."
    )
    drop_undetermined: bool = Field(
        default=False,
        title="Drop undetermined",
        description="Leave out what is too short or too mixed to tell.",
    )


class Language(RowStep[LanguageParams]):
    """Drops rows whose texts are, together, in another language. Short ones are "und" and stay, unless told otherwise."""

    name: ClassVar[str] = "language"
    Params: ClassVar[type[Params]] = LanguageParams

    def look(self, row: Row) -> Finding | None:
        """Drop what is in another language."""
        language = language_of(prose_of("\n".join(row.texts())[:LOOKED_AT]))
        if language in self.params.keep:
            return None
        if language == UNKNOWN:
            return Drop("language_undetermined") if self.params.drop_undetermined else None
        return Drop("language_other", {"language": language})
