"""Models and jobs of these tests lie in folders of their own."""

from pathlib import Path

import pytest
from django.conf import LazySettings


@pytest.fixture
def homes(settings: LazySettings, tmp_path: Path) -> None:
    """Empty folders for models and jobs."""
    settings.MODELS_HOME = tmp_path / "models"
    settings.JOBS_HOME = tmp_path / "jobs"
