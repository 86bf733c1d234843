"""What stands inside errors, and what jobs warn of, is collected from where it is raised."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from studio.wording.telling import phrase

#: Their sentences are only ever sent to programs, or printed in a terminal.
UNSEEN = ("studio/gateway", "studio/local", "forge/serving", "migrations", "management", "replay_cli")
SPOKEN = frozenset({"reason", "hint", "advice"})
#: Last words of the names of functions that give a reason.
GIVERS = frozenset({"fault", "reason", "complaint"})
SOURCES = [
    path
    for package in ("protocol", "corpus", "forge", "jobs", "studio")
    for path in sorted(Path(package).rglob("*.py"))
    if not any(part in path.as_posix() for part in UNSEEN)
]


def texts(node: ast.expr) -> list[str]:
    """The sentences an expression can be, with something in their places; none where it is not written there."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=values):
            found = [""]
            for value in values:
                found = [before + part for before in found for part in inside(value)]
            return found
        case ast.IfExp(body=body, orelse=orelse):
            return texts(body) + texts(orelse)
    return []


def inside(value: ast.expr) -> list[str]:
    if isinstance(value, ast.FormattedValue):
        return ["'x'"] if value.conversion == ord("r") else texts(value.value) or ["7"]
    return texts(value)


def said_in(path: Path) -> Iterator[str]:
    """Reasons, hints and advice given to errors, by name or through a variable; warnings; wrong requests."""
    is_job = "corpus/commands" in path.as_posix() or "forge/training" in path.as_posix()
    names = SPOKEN | {"message"} if is_job else SPOKEN
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call():
                yield from told_to(node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in names:
                yield from texts(value)
            case ast.FunctionDef(name=name) if name.rpartition("_")[2] in GIVERS:
                returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
                yield from (text for value in returned if value for text in texts(value))


def told_to(call: ast.Call) -> Iterator[str]:
    """What an error is made with."""
    name = ast.unparse(call.func).rpartition(".")[2]
    if name[:1].isupper():
        yield from (text for each in call.keywords if each.arg in SPOKEN for text in texts(each.value))
    if name == "InvalidRequest" and call.args:
        yield from texts(call.args[0])


def test_there_is_something_to_look_at() -> None:
    assert sum(len(list(said_in(path))) for path in SOURCES) > 300


@pytest.mark.parametrize("path", [path for path in SOURCES if any(said_in(path))], ids=str)
def test_every_reason_that_is_given_can_be_said_in_another_language(path: Path) -> None:
    with override("zh-hans"):
        assert [text for text in said_in(path) if has_words(text) and phrase(text) == text] == []


def has_words(text: str) -> bool:
    """Whether it says something beside what is put into its places."""
    return any(char.isalpha() for char in text.replace("'x'", ""))
