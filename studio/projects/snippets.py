"""Code that does by the API what a page shows: curl and Python with the unmodified `openai` client."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Snippet:
    """A piece of code, what it does and what runs it."""

    does: str
    runs_in: str
    code: str


def curl(request: HttpRequest, does: str, path: str, *lines: str) -> Snippet:
    """A request to a path of this studio with further arguments, one a line."""
    first = f"curl {request.build_absolute_uri(path)}"
    arguments = ['-H "Authorization: Bearer $STUDIO_API_KEY"', *lines]
    return Snippet(does, "curl", " \\\n  ".join([first, *arguments]))


def python(request: HttpRequest, does: str, code: str) -> Snippet:
    """Python after the lines that make the client."""
    head = f"""import os
from openai import OpenAI

client = OpenAI(
    base_url="{request.build_absolute_uri("/v1")}",
    api_key=os.environ["STUDIO_API_KEY"],
)
"""
    return Snippet(does, "Python · openai", f"{head}\n{code.strip()}")
