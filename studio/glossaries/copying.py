"""Many rows at once: into a table by PostgreSQL's COPY, and joined. A glossary of 50 000 concepts is a quarter of a million rows."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from django.db import connection
from django.db.models import Field, Model
from psycopg import sql


def copy_rows(model: type[Model], fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write `rows`, each with the values of `fields` in order; JSON as text. What is not named gets the column's default.

    The database checks its constraints as ever. Nothing of the model's own code runs.
    """
    columns = [sql.Identifier(column_of(model, name)) for name in fields]
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(columns)
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def column_of(model: type[Model], name: str) -> str:
    """The column a field is kept in."""
    _, column = cast("Field[Any, Any]", model._meta.get_field(name)).get_attname_column()
    return str(column)


@contextmanager
def joined_by_hash(cursor: Any) -> Iterator[None]:
    """Rows that were written just now are unknown to the planner: it must not take a hundred thousand for one.

    To be used in a transaction, whose other statements are planned as ever.
    """
    cursor.execute("SET LOCAL enable_nestloop TO off")
    yield
    cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
