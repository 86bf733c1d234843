"""A glossary version as a file of any format, streamed: nothing of it is ever whole in memory."""

from collections.abc import Iterator

from django.http import HttpRequest, StreamingHttpResponse
from django.utils.http import content_disposition_header

from corpus.glossary.formats.write import EXPORTS
from corpus.glossary.terms import Concept
from studio.datasets import services as datasets
from studio.errors import InvalidRequest
from studio.glossaries.models import GlossaryVersion
from studio.streaming import streamed


def export(request: HttpRequest, version: GlossaryVersion, format_: str) -> StreamingHttpResponse:
    """The version as a download. Raises InvalidRequest for a format that is not written, ContentGone."""
    if format_ not in EXPORTS:
        raise InvalidRequest(f"format: {format_[:40]!r} is not one of {', '.join(EXPORTS)}", "format")
    path = datasets.blob_path(version.concepts_file)

    def concepts() -> Iterator[Concept]:
        with path.open(encoding="utf-8", newline="\n") as lines:
            for line in lines:
                yield Concept.model_validate_json(line)

    chosen = EXPORTS[format_]
    response = streamed(request, joined(chosen.write(concepts)), content_type=chosen.media_type)
    filename = f"{version.glossary.name}.v{version.number}{chosen.suffix}"
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    )
    return response


def joined(pieces: Iterator[bytes], at_least: int = 64 * 1024) -> Iterator[bytes]:
    """The same bytes in larger pieces."""
    some: list[bytes] = []
    size = 0
    for piece in pieces:
        some.append(piece)
        size += len(piece)
        if size >= at_least:
            yield b"".join(some)
            some, size = [], 0
    yield b"".join(some)
