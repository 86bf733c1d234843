"""Length: rows that are too short to say something, or too long to be learnt from whole."""

from typing import ClassVar

from pydantic import Field

from corpus.cleaning.step import Drop, Finding, Params, RowStep
from corpus.cleaning.tokens import rough_tokens
from corpus.records import Row


class LengthParams(Params):
    """Limits; 0 is none."""

    shortest_answer: int = Field(
        2, ge=0, title="Shortest answer", description="Characters; for plain text, of the text."
    )
    shortest_prompt: int = Field(2, ge=0, title="Shortest prompt", description="Characters.")
    longest_characters: int = Field(
        20_000, ge=0, title="Most characters", description="Of all texts of a row together."
    )
    longest_tokens: int = Field(
        4096,
        ge=0,
        title="Most tokens",
        description="Of all texts of a row together, estimated without a model.",
    )


class Length(RowStep[LengthParams]):
    """Drops rows that are too short or too long."""

    name: ClassVar[str] = "length"
    Params: ClassVar[type[Params]] = LengthParams

    def look(self, row: Row) -> Finding | None:
        """Drop what is outside the limits."""
        texts, limits = row.texts(), self.params
        characters = sum(map(len, texts))
        answers = row.answer_texts() or texts
        if any(len(text.strip()) < limits.shortest_answer for text in answers):
            return Drop("answer_short", {"characters": min(len(text.strip()) for text in answers)})
        prompts = row.prompt_texts()
        if any(len(text.strip()) < limits.shortest_prompt for text in prompts):
            return Drop("prompt_short", {"characters": min(len(text.strip()) for text in prompts)})
        if limits.longest_characters and characters > limits.longest_characters:
            return Drop("row_long", {"characters": characters})
        if limits.longest_tokens and (tokens := sum(map(rough_tokens, texts))) > limits.longest_tokens:
            return Drop("row_long", {"tokens": tokens})
        return None
