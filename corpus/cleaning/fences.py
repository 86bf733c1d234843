"""Prose and code of a text: what stands between fences or backticks is code and is left alone."""

import re
from collections.abc import Callable

_CODE = re.compile(
    r"(^[ \t]*(?P<fence>```+|~~~+).*?(?:^[ \t]*(?P=fence)[ \t]*$|\Z)|`[^`\n]+`)", re.MULTILINE | re.DOTALL
)


def in_prose(rewrite: Callable[[str], str], text: str) -> str:
    """The text with `rewrite` applied to each stretch outside code."""
    if "`" not in text and "~~~" not in text:
        return rewrite(text)
    parts, end = [], 0
    for code in _CODE.finditer(text):
        parts += [rewrite(text[end : code.start()]), code[0]]
        end = code.end()
    return "".join([*parts, rewrite(text[end:])])


def prose_of(text: str) -> str:
    """The text with each character of code replaced by a space, so that offsets stay."""
    if "`" not in text and "~~~" not in text:
        return text
    return _CODE.sub(lambda code: " " * len(code[0]), text)


def code_of(text: str) -> list[str]:
    """The stretches of code, with their fences."""
    return [code[0] for code in _CODE.finditer(text)] if "`" in text or "~~~" in text else []
