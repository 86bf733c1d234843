"""docs/architecture.md names every part of the house."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")
#: What tools make, and what git does not track.
MADE = {"data", "node_modules", "output"}


def packages_in(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/__init__.py") if path.parent.name[0] != "_")


def test_every_folder_at_the_top_is_named() -> None:
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}

    assert [name for name in sorted(folders - MADE) if f"`{name}`" not in TEXT] == []


@pytest.mark.parametrize("package", ["corpus", "forge", "studio"])
def test_every_package_is_named_where_its_parent_is(package: str) -> None:
    begin = TEXT.index(f"### Inside `{package}`")
    section = TEXT[begin : TEXT.find("\n##", begin + 1)]

    assert [name for name in packages_in(ROOT / package) if f"`{name}`" not in section] == []
