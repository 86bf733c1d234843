"""Writes src/live/events.ts from protocol.events, so that a new event breaks the build and not the page.

Run from the repository root: `python frontend/generate_events.py`.
"""

import sys
from pathlib import Path
from typing import Any

from protocol.events import any_event

ROOT = Path(__file__).resolve().parent
TARGET = ROOT / "src" / "live" / "events.ts"
SCALARS = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def typescript(schema: dict[str, Any]) -> str:
    """The TypeScript type of one JSON schema node."""
    if "const" in schema:
        return f'"{schema["const"]}"'
    if "enum" in schema:
        return " | ".join(f'"{value}"' for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(typescript(part) for part in schema["anyOf"]))
    match schema.get("type"):
        case "array":
            return f"readonly {typescript(schema.get('items', {}))}[]"
        case "object":
            values = schema.get("additionalProperties", True)
            inner = typescript(values) if isinstance(values, dict) else "unknown"
            return f"Readonly<Record<string, {inner}>>"
        case str() as name:
            return SCALARS[name]
    return "unknown"


def render() -> str:
    """The whole module."""
    definitions = any_event.json_schema(mode="serialization")["$defs"]
    lines = ["// Written by frontend/generate_events.py from protocol/events.py; do not edit.", ""]
    for name, schema in sorted(definitions.items()):
        lines.append(f"export interface {name} {{")
        lines += [f"  readonly {field}: {typescript(node)};" for field, node in schema["properties"].items()]
        lines += ["}", ""]
    lines += ["export type JobEvent =", *(f"  | {name}" for name in sorted(definitions))]
    lines[-1] += ";"
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        raise SystemExit(0 if TARGET.read_text("utf-8") == render() else f"{TARGET.name} is out of date")
    TARGET.write_text(render(), "utf-8")
