"""Secrets that must be read again, sealed where they are stored: whoever has a dump of the database has none of them.

The key is derived from SECRET_KEY, which is not in the database. A value is sealed by the newest key and opened by any of
SECRET_KEY and SECRET_KEY_FALLBACKS (docs/howto/rotate-the-secret-key.md).
"""

import base64
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from studio.errors import SecretUnreadable

#: What a sealed value begins with: a value without it was never sealed.
MARK = "sealed1:"
#: Says what the derived key is for: another use of SECRET_KEY gets another key.
PURPOSE = b"studio.sealing.1"


def seal(text: str) -> str:
    """The text as it may be stored; another one each time. Nothing stays nothing."""
    return MARK + _keys().encrypt(text.encode()).decode() if text else ""


def unseal(stored: str) -> str:
    """The text that was sealed. Raises SecretUnreadable."""
    if not stored:
        return ""
    try:
        return _keys().decrypt(_token(stored)).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def _token(stored: str) -> bytes:
    if not stored.startswith(MARK):
        raise SecretUnreadable
    return stored.removeprefix(MARK).encode()


def _keys() -> MultiFernet:
    return _keys_from((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


@cache
def _keys_from(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in keys])


def _derived(key: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(key.encode())
    return base64.urlsafe_b64encode(derived)


if TYPE_CHECKING:
    Text = models.TextField[str, str]
else:
    Text = models.TextField


class SealedField(Text):
    """A text that is sealed in the database and plain in Python. It cannot be searched for: no two seals are the same."""

    def get_prep_value(self, value: Any) -> Any:
        """Seal it on its way in."""
        return seal(str(value)) if value is not None else None

    def from_db_value(self, value: str | None, *_args: Any) -> str | None:
        """Open it on its way out. Raises SecretUnreadable."""
        return unseal(value) if value is not None else None

    def get_lookup(self, lookup_name: str) -> Any:
        """Whether there is any is all that can be asked. Raises FieldError, by Django, for the rest."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


def seal_all_anew() -> int:
    """Seal every stored secret by the newest key; how many there were. Raises SecretUnreadable, and then nothing is changed."""
    count = 0
    with transaction.atomic():
        for model, field in sealed_fields():
            for row in model._default_manager.select_for_update().only("pk", field.name).iterator():
                if getattr(row, field.attname):
                    row.save(update_fields=[field.name])
                    count += 1
    return count


def sealed_fields() -> Iterator[tuple[type[models.Model], SealedField]]:
    """All fields that are sealed, with their models."""
    for model in apps.get_models():
        for field in model._meta.local_fields:
            if isinstance(field, SealedField):
                yield model, field


def sealing(app: str, model: str, *names: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """For a migration: to seal what a table has in plain text, and back."""

    def changed_by(act: Callable[[str], str]) -> Callable[..., None]:
        def change(apps: Any, _editor: Any) -> None:
            rows = apps.get_model(app, model)._default_manager
            for row in rows.order_by("pk").values("pk", *names).iterator():
                said = {name: act(row[name]) for name in names if row[name]}
                if said:
                    rows.filter(pk=row["pk"]).update(**said)

        return change

    return changed_by(seal), changed_by(unseal)
