"""ws/jobs/<uuid>: replay and live without gap or double, whatever is lost, and only for those who may look."""

import importlib

import pytest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.asyncio]

helpers = importlib.import_module("conftest") if False else None
