"""Signatures as Standard Webhooks has them (standard-webhooks.com, "Signature scheme", symmetric)."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"
KEY_BYTES = 32


def new_secret() -> str:
    """A random key, as it is shown: "whsec_" and base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def hint(secret: str) -> str:
    """Enough of a key to tell it from another."""
    return f"{PREFIX}…{secret[-4:]}"


def headers(message_id: str, timestamp: int, body: bytes, keys: Iterable[str]) -> dict[str, str]:
    """The three headers of a message; one signature for each key, so that a key can be changed without a gap."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(message_id, timestamp, body, key) for key in keys),
    }


def sign(message_id: str, timestamp: int, body: bytes, key: str) -> str:
    """ "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body"."""
    raw = base64.b64decode(key.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(raw, signed, hashlib.sha256)).decode()
