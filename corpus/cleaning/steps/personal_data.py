"""Personal data: masked by placeholders that are the same for the same value within a row, or the row dropped."""

from collections import Counter
from typing import ClassVar, Literal

from pydantic import Field

from corpus.cleaning.personal import Found, PersonalKind, personal_data_of_row
from corpus.cleaning.step import Change, Drop, Finding, Mark, Params, RowStep
from corpus.records import Row


class PersonalDataParams(Params):
    """What is looked for and what becomes of it."""

    do: Literal["mask", "drop", "mark"] = Field(
        "mask", title="Do", description="Put placeholders, drop the row, or only mark it."
    )
    kinds: tuple[PersonalKind, ...] = Field(
        tuple(PersonalKind), min_length=1, title="Kinds", description="What counts as personal data."
    )


class PersonalData(RowStep[PersonalDataParams]):
    """Finds mail addresses, identity numbers, cards, IBANs, phones, IPs, postal addresses and introduced names, zh and en."""

    name: ClassVar[str] = "personal_data"
    Params: ClassVar[type[Params]] = PersonalDataParams

    def __init__(self, params: PersonalDataParams) -> None:
        super().__init__(params)
        self._kinds = frozenset(params.kinds)

    def look(self, row: Row) -> Finding | None:
        """Mask, drop or mark what is found."""
        texts = row.texts()
        finds = personal_data_of_row(texts, self._kinds)
        kinds = tuple(found.kind.value for some in finds for found in some)
        if not kinds:
            return None
        about = {"kinds": dict(Counter(kinds))}
        match self.params.do:
            case "drop":
                return Drop("personal_data", about)
            case "mark":
                return Mark("personal_data", about)
            case "mask":
                placeholders = _Placeholders()
                return Change(tuple(map(placeholders.put, texts, finds)), kinds)


class _Placeholders:
    """[MAIL_1], [MAIL_2] ...: one number for one value, in the order in which the row has them."""

    def __init__(self) -> None:
        self._numbers: dict[tuple[PersonalKind, str], int] = {}
        self._counts: Counter[PersonalKind] = Counter()

    def put(self, text: str, finds: list[Found]) -> str:
        parts, at = [], 0
        for found in finds:
            parts += [text[at : found.start], self._placeholder(found.kind, text[found.start : found.end])]
            at = found.end
        return "".join([*parts, text[at:]])

    def _placeholder(self, kind: PersonalKind, value: str) -> str:
        key = (kind, "".join(value.casefold().split()))
        if key not in self._numbers:
            self._counts[kind] += 1
            self._numbers[key] = self._counts[kind]
        return f"[{kind.upper()}_{self._numbers[key]}]"
