"""Pages that neither repeat nor skip, whatever comes in between."""

from datetime import UTC, datetime

import pytest
from django.db.models import QuerySet

from studio.datasets.models import StoredFile
from studio.projects.models import Project
from studio.projects.pagination import NEWEST, OLDEST, cut
from tests import factories


@pytest.fixture
def files(project: Project) -> QuerySet[StoredFile]:
    """Seven files, three of them of the same moment."""
    for number in range(7):
        factories.stored_file(project, filename=str(number))
    same = StoredFile.objects.filter(filename__in=["2", "3", "4"])
    same.update(created_at=datetime(2030, 1, 1, tzinfo=UTC))
    return StoredFile.objects.all()


@pytest.mark.parametrize("order", [NEWEST, OLDEST])
@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 100])
def test_all_pages_together_are_the_whole_list(
    files: QuerySet[StoredFile], order: tuple[str, str], limit: int
) -> None:
    seen: list[StoredFile] = []
    after, more = None, True
    while more:
        found = cut(files, after=after, limit=limit, order=order)
        seen.extend(found.rows)
        after, more = seen[-1], found.has_more

    assert seen == list(files.order_by(*order))


def test_a_row_that_comes_in_between_shifts_nothing(project: Project, files: QuerySet[StoredFile]) -> None:
    first = cut(files, after=None, limit=3)
    new = factories.stored_file(project, filename="new")
    StoredFile.objects.filter(id=new.id).update(created_at=datetime(2040, 1, 1, tzinfo=UTC))

    second = cut(files, after=first.rows[-1], limit=100)

    assert sorted(row.filename for row in [*first.rows, *second.rows]) == list("0123456")


def test_a_page_that_ends_the_list_says_so(files: QuerySet[StoredFile]) -> None:
    assert not cut(files, after=None, limit=7).has_more
    assert cut(files, after=None, limit=6).has_more
