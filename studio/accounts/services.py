"""API keys: made, shown once, recognized, revoked."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from jobs.hints import access_changed_on_commit
from studio.accounts.models import KEY_PREFIX, ApiKey, User, hash_key, new_key

#: `last_used_at` is this exact and no more, so that a busy key does not write a row a request.
USE_NOTED_EVERY = timedelta(minutes=1)
MAX_KEY_CHARS = 200


def create_key(project_id: UUID, name: str, role: str, user: User | None = None) -> tuple[ApiKey, str]:
    """A new key of a project and its text, which is known only now."""
    raw = new_key()
    key = ApiKey.objects.create(
        project_id=project_id,
        name=name,
        role=str(role),
        user=user,
        digest=hash_key(raw),
        hint=f"{raw[: len(KEY_PREFIX) + 4]}…{raw[-4:]}",
    )
    return key, raw


def revoke_key(key: ApiKey) -> None:
    """End a key; it answers 401 from now on. A revoked key stays revoked at its first date."""
    ApiKey.objects.filter(id=key.id, revoked_at=None).update(revoked_at=timezone.now())
    key.refresh_from_db()
    access_changed_on_commit(key.project_id)


def revoke_keys_of(user: User, project_id: UUID | None = None) -> int:
    """End all keys of a person, in one project or everywhere; how many that were."""
    keys = ApiKey.objects.filter(user=user, revoked_at=None)
    if project_id is not None:
        keys = keys.filter(project_id=project_id)
    return keys.update(revoked_at=timezone.now())


def authenticate(raw: str) -> ApiKey | None:
    """The valid key with this text, or nothing. Notes that it was used."""
    if not raw.startswith(KEY_PREFIX) or not raw.isascii() or len(raw) > MAX_KEY_CHARS:
        return None
    key = ApiKey.objects.select_related("user").filter(digest=hash_key(raw), revoked_at=None).first()
    if key is None or (key.user is not None and not key.user.is_active):
        return None
    note_use(key)
    return key


def note_use(key: ApiKey) -> None:
    """Keep when a key was last used, at most once a minute."""
    now = timezone.now()
    if key.last_used_at is None or key.last_used_at < now - USE_NOTED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, id=key.id).update(last_used_at=now)
