"""Content in parts: text, and pictures that stand in it as `<image>`."""

from typing import Any

from corpus.errors import ImageInvalid, RowInvalid
from corpus.image import Image
from corpus.shapes.layout import Context, named

PLACEHOLDER = "<image>"


def parts_as_text(
    parts: list[Any], field: str, message: int, line: int, context: Context, images: list[Image]
) -> str:
    """The text of OpenAI's content parts; their pictures are checked and added to `images`.

    Raises RowInvalid, ImageInvalid.
    """
    texts = []
    for number, part in enumerate(parts):
        place = f"{field}[{number}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif kind == "image_url":
            images.append(picture(_address(part), place, message, line, context))
            texts.append(PLACEHOLDER)
        else:
            raise RowInvalid(line=line, field=place, reason="is neither text nor a picture (image_url)")
    return "\n".join(texts)


def picture(address: Any, field: str, message: int, line: int, context: Context) -> Image:
    """The picture at a data URL or in the archive. Raises ImageInvalid; nothing is ever fetched."""
    from corpus.formats.images import from_data_url

    if not isinstance(address, str):
        raise ImageInvalid(line=line, field=field, reason=f"is {named(address)}, not the name of a picture")
    if address.startswith("data:"):
        return from_data_url(address, line, field, message)
    if "://" in address[:16]:
        raise ImageInvalid(line=line, field=field, reason="is an address on the web; nothing is fetched")
    if context.assets is None:
        reason = f"names the file {address[:80]!r}, and there is none beside the rows"
        raise ImageInvalid(line=line, field=field, reason=reason)
    return context.assets.image(address, line, field, message)


def _address(part: dict[str, Any]) -> Any:
    value = part.get("image_url")
    return value.get("url") if isinstance(value, dict) else value
