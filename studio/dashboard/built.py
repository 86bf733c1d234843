"""Where Vite put the frontend: its manifest names each built file with a hash."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings

from studio.dashboard.errors import FrontendNotBuilt

ENTRY = "src/app.ts"
MANIFEST = Path(settings.ROOT) / "static" / "dist" / "manifest.json"


def manifest_entry(entry: str = ENTRY, manifest: Path = MANIFEST) -> dict[str, Any]:
    """The manifest's record of an entry. Raises FrontendNotBuilt."""
    try:
        stamp = manifest.stat().st_mtime_ns
    except FileNotFoundError as error:
        raise FrontendNotBuilt(entry=entry, manifest=str(manifest)) from error
    record = _read(manifest, stamp).get(entry)
    if record is None:
        raise FrontendNotBuilt(entry=entry, manifest=str(manifest))
    return dict(record)


@lru_cache(maxsize=2)
def _read(manifest: Path, stamp: int) -> dict[str, Any]:
    del stamp  # a new build is a new key
    return dict(json.loads(manifest.read_text("utf-8")))
