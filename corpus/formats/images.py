"""Pictures by their first bytes: kind and size. Nothing is decoded, so a picture cannot be a bomb here."""

import base64
import binascii
import hashlib
import struct
from collections.abc import Callable
from typing import IO

from corpus.errors import ImageInvalid
from corpus.image import Image

MAX_BYTES = 20 * 1024**2
MAX_SIDE = 16_384
#: What an unpacked picture would take at four bytes each stays under 256 MiB.
MAX_PIXELS = 64 * 1024**2
_CHUNK = 1024**2
#: A JPEG tells its size behind its metadata.
_HEAD = 256 * 1024


def from_data_url(address: str, line: int, field: str, message: int) -> Image:
    """The picture in a data URL. Raises ImageInvalid."""
    head, comma, body = address.partition(",")
    if not comma or not head.endswith(";base64"):
        raise ImageInvalid(line=line, field=field, reason="is a data URL without base64")
    if len(body) > MAX_BYTES * 4 // 3 + 4:
        raise _too_large(line, field)
    try:
        data = base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ImageInvalid(line=line, field=field, reason="is a data URL whose base64 is broken") from error
    said = head.removeprefix("data:").removesuffix(";base64")
    return _described(
        data[:_HEAD], len(data), hashlib.sha256(data).hexdigest(), line, field, message, None, said
    )


def from_stream(stream: IO[bytes], name: str, line: int, field: str, message: int) -> Image:
    """The picture in a file, read once to its end. Raises ImageInvalid."""
    digest, size, head = hashlib.sha256(), 0, b""
    while chunk := stream.read(_CHUNK):
        if len(head) < _HEAD:
            head += chunk[: _HEAD - len(head)]
        digest.update(chunk)
        size += len(chunk)
        if size > MAX_BYTES:
            raise _too_large(line, field)
    return _described(head, size, digest.hexdigest(), line, field, message, name, None)


def _described(
    head: bytes,
    size: int,
    sha256: str,
    line: int,
    field: str,
    message: int,
    name: str | None,
    said: str | None,
) -> Image:
    found = _kind(head)
    if found is None:
        raise ImageInvalid(line=line, field=field, reason="is not PNG, JPEG, WebP or GIF")
    media_type, measure = found
    if said is not None and said.replace("image/jpg", "image/jpeg") != media_type:
        raise ImageInvalid(line=line, field=field, reason=f"says it is {said[:40]!r} and is {media_type}")
    try:
        width, height = measure(head)
    except (struct.error, IndexError, ValueError) as error:
        raise ImageInvalid(line=line, field=field, reason="is cut short or damaged") from error
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS):
        reason = f"has {width} x {height} pixels; at most {MAX_SIDE} a side and {MAX_PIXELS} in all are taken"
        raise ImageInvalid(line=line, field=field, reason=reason)
    return Image(
        message=message,
        sha256=sha256,
        media_type=media_type,
        width=width,
        height=height,
        size_bytes=size,
        name=name,
    )


def _kind(head: bytes) -> tuple[str, Callable[[bytes], tuple[int, int]]] | None:
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png", _png
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg", _jpeg
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif", lambda data: struct.unpack("<HH", data[6:10])
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp", _webp
    return None


def _png(head: bytes) -> tuple[int, int]:
    if head[12:16] != b"IHDR":
        raise ValueError("no IHDR")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg(head: bytes) -> tuple[int, int]:
    place = 2
    while True:
        while head[place] == 0xFF:
            place += 1
        marker = head[place]
        length = struct.unpack(">H", head[place + 1 : place + 3])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", head[place + 4 : place + 8])
            return width, height
        if length < 2:
            raise ValueError("a segment without length")
        place += 1 + length


def _webp(head: bytes) -> tuple[int, int]:
    kind = head[12:16]
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if kind == b"VP8L":
        bits = struct.unpack("<I", head[21:25])[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no picture in it")


def _too_large(line: int, field: str) -> ImageInvalid:
    return ImageInvalid(line=line, field=field, reason=f"has more than {MAX_BYTES} bytes")
