"""The tokenizer and the chat template of a model folder, read without the model."""

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer

from corpus.errors import TemplateUnusable, TokenizerInvalid
from corpus.tokens.template import ChatTemplate

TOKENIZER = "tokenizer.json"
CONFIG = "tokenizer_config.json"
TEMPLATE = "chat_template.jinja"
#: The files that a model's tokens depend on.
FILES = (TOKENIZER, CONFIG, TEMPLATE)
_MARKS = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


@dataclass(frozen=True)
class Encoded:
    """A text as tokens: ids, and the characters that each stands for. Bytes of one character have all its offsets."""

    ids: list[int]
    offsets: list[tuple[int, int]]


class ModelTokens:
    """What turns conversations into a model's tokens."""

    def __init__(self, tokenizer: Tokenizer, template: ChatTemplate) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.template = template

    @classmethod
    def load(cls, folder: Path) -> "ModelTokens":
        """Of a model folder as transformers writes it. Raises TokenizerInvalid, TemplateUnusable."""
        try:
            tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
        except Exception as error:  # tokenizers raises plain Exception for every fault of a file
            raise TokenizerInvalid(file=TOKENIZER, reason=str(error)) from error
        config = _config(folder)
        return cls(tokenizer, ChatTemplate(_template(folder, config), _special_tokens(config)))

    def encode(self, text: str) -> Encoded:
        """A text as tokens, without marks that the text does not have."""
        encoded = self._tokenizer.encode(text, add_special_tokens=False)
        return Encoded(encoded.ids, encoded.offsets)

    def piece(self, id_: int) -> str:
        """A token as the vocabulary writes it; empty where it has none."""
        return str(self._tokenizer.id_to_token(id_) or "")

    def bytes_of(self, id_: int) -> bytes | None:
        """The bytes of a token that is a part of a character; nothing for a token that is whole."""
        piece = self.piece(id_)
        if len(piece) == 6 and piece.startswith("<0x") and piece.endswith(">"):
            return bytes([int(piece[3:5], 16)])
        if "\ufffd" in str(self._tokenizer.decode([id_], skip_special_tokens=False)):
            known = [_BYTES[char] for char in piece if char in _BYTES]
            return bytes(known) if len(known) == len(piece) else None
        return None

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """Ids of the marks: tokens that stand for no text of their own."""
        added = self._tokenizer.get_added_tokens_decoder()
        return frozenset(id_ for id_, token in added.items() if token.special)


def _config(folder: Path) -> dict[str, Any]:
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise TokenizerInvalid(file=CONFIG, reason=str(error)) from error
    if not isinstance(config, dict):
        raise TokenizerInvalid(file=CONFIG, reason="it is not an object")
    return config


def _template(folder: Path, config: dict[str, Any]) -> str:
    try:
        return (folder / TEMPLATE).read_text("utf-8")
    except FileNotFoundError:
        pass
    found = config.get("chat_template")
    if isinstance(found, list):
        named = {entry.get("name"): entry.get("template") for entry in found if isinstance(entry, dict)}
        found = named.get("default")
    if not isinstance(found, str):
        raise TemplateUnusable(reason="is missing: the model was not made for conversations")
    return found


def _special_tokens(config: dict[str, Any]) -> dict[str, str]:
    """The marks by name, as transformers hands them to a template; padding is the end of text where there is none."""
    found = {}
    for name in _MARKS:
        value = config.get(name)
        text = value.get("content") if isinstance(value, dict) else value
        if isinstance(text, str):
            found[name] = text
    if "pad_token" not in found and "eos_token" in found:
        found["pad_token"] = found["eos_token"]
    return found


def _byte_alphabet() -> dict[str, int]:
    """The letters that byte-level vocabularies write bytes with (GPT-2's table)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    letters = {chr(byte): byte for byte in printable}
    others = (byte for byte in range(256) if byte not in printable)
    return letters | {chr(256 + number): byte for number, byte in enumerate(others)}


_BYTES = _byte_alphabet()
