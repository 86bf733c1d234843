"""A picture that a row shows."""

from pydantic import BaseModel, ConfigDict


class Image(BaseModel):
    """A picture that a turn shows; `name` says where its bytes lie in what was uploaded."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Which message shows it, from 0.
    message: int
    sha256: str
    #: image/png, image/jpeg, image/webp or image/gif.
    media_type: str
    width: int
    height: int
    size_bytes: int
    #: Member of the archive, or nothing for a data URL.
    name: str | None = None
