"""API keys: shown once, kept as a hash, ended for good."""

import uuid

import pytest

from studio.accounts import services
from studio.accounts.models import KEY_PREFIX, ApiKey
from studio.accounts.models import User as Person
from tests import factories


def test_only_a_hash_and_a_hint_of_a_key_are_kept(db: None) -> None:
    key, raw = services.create_key(uuid.uuid4(), "laptop", "editor")

    stored = ApiKey.objects.values().get(id=key.id)
    assert raw.startswith(KEY_PREFIX)
    assert raw not in str(stored)
    assert key.hint == f"{raw[:14]}…{raw[-4:]}"


def test_a_key_is_recognized_by_its_text(db: None) -> None:
    key, raw = services.create_key(uuid.uuid4(), "laptop", "editor")

    assert services.authenticate(raw) == key


@pytest.mark.parametrize(
    "raw", ["", "sk-studio-", "sk-studio-x", "x" * 10_000, "sk-studio-é", "sk-studio-\0"]
)
def test_a_text_that_is_no_key_is_nobody(db: None, raw: str) -> None:
    services.create_key(uuid.uuid4(), "laptop", "editor")

    assert services.authenticate(raw) is None


def test_a_revoked_key_is_nobody_and_keeps_its_first_date(db: None) -> None:
    key, raw = services.create_key(uuid.uuid4(), "laptop", "editor")
    services.revoke_key(key)
    first = key.revoked_at

    services.revoke_key(key)

    assert key.revoked_at == first
    assert services.authenticate(raw) is None


def test_the_keys_of_a_person_end_in_one_project_or_everywhere(db: None) -> None:
    person, here, there = factories.user(), uuid.uuid4(), uuid.uuid4()
    raws = [services.create_key(place, "laptop", "editor", person)[1] for place in (here, there)]

    assert services.revoke_keys_of(person, here) == 1
    assert [services.authenticate(raw) is None for raw in raws] == [True, False]
    assert services.revoke_keys_of(person) == 1
    assert services.authenticate(raws[1]) is None


def test_a_key_ends_with_its_person(db: None) -> None:
    person = factories.user()
    _, raw = services.create_key(uuid.uuid4(), "laptop", "editor", person)

    Person.objects.filter(id=person.id).delete()

    assert services.authenticate(raw) is None
