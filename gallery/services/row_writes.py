"""Writing many rows with few statements: an ORM update costs 30 times as much each.

Every value goes through Django's own adapters, a column at a time. On PostgreSQL a column is one parameter, an array:
one statement for all rows, of which each value costs a fraction of a parameter of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models

# Of these, Python's value is what both databases' drivers take; any other field is asked for its own form.
TAKEN_AS_THEY_ARE = {"BooleanField", "BigIntegerField", "IntegerField", "TextField"}
PARAMETERS = 8_000  # in one statement; SQLite takes 32,766


def insert_rows(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert new rows; a key that the database gives is not read back."""
    if not rows:
        return
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    insert_columns(model, {field.attname: [getattr(row, field.attname) for row in rows] for field in fields})
    for row in rows:
        row._state.adding = False


def insert_columns(model: type[models.Model], columns: Mapping[str, list[Any]]) -> None:
    """Insert rows that are given as their columns' values, by attribute names."""
    fields = [model._meta.get_field(name) for name in columns]
    prepared = [_prepared(field, values) for field, values in zip(fields, columns.values(), strict=True)]
    write = _insert_from_arrays if connection.vendor == "postgresql" else _insert_values
    write(_quote(model._meta.db_table), fields, prepared)


def _insert_values(table: str, fields: Sequence[Any], columns: Sequence[list[Any]]) -> None:
    rows = list(zip(*columns, strict=True))
    places = f"({', '.join(['%s'] * len(fields))})"
    at_once = PARAMETERS // len(fields)
    with connection.cursor() as cursor:
        for start in range(0, len(rows), at_once):
            some = rows[start : start + at_once]
            cursor.execute(
                f"INSERT INTO {table} ({_names(fields)}) VALUES {', '.join([places] * len(some))}",
                [value for row in some for value in row],
            )


def _insert_from_arrays(table: str, fields: Sequence[Any], columns: Sequence[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({_names(fields)}) SELECT {_arrays(fields)}", columns)


def update_rows(changed: Iterable[tuple[models.Model, Iterable[str]]]) -> None:
    """Write these rows' named fields; rows that share their fields share a statement."""
    groups: dict[tuple[type[models.Model], frozenset[str]], list[models.Model]] = defaultdict(list)
    for row, names in changed:
        groups[type(row), frozenset(names)].append(row)
    for (model, names), rows in groups.items():
        if names:
            _update(model, sorted(names), rows)


def _update(model: type[models.Model], names: Sequence[str], rows: Sequence[models.Model]) -> None:
    key = model._meta.pk
    fields = [*(model._meta.get_field(name) for name in names), key]
    columns = [_prepared(field, [getattr(row, field.attname) for row in rows]) for field in fields]
    write = _update_from_arrays if connection.vendor == "postgresql" else _update_each
    write(_quote(model._meta.db_table), fields, columns)


def _update_each(table: str, fields: Sequence[Any], columns: Sequence[list[Any]]) -> None:
    *changed, key = (_quote(field.column) for field in fields)
    assignments = ", ".join(f"{column} = %s" for column in changed)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {assignments} WHERE {key} = %s", list(zip(*columns, strict=True)))


def _update_from_arrays(table: str, fields: Sequence[Any], columns: Sequence[list[Any]]) -> None:
    *changed, key = (_quote(field.column) for field in fields)
    assignments = ", ".join(f"{column} = new.{column}" for column in changed)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {assignments} FROM (SELECT {_arrays(fields)}) AS new WHERE {table}.{key} = new.{key}",
            columns,
        )


def _prepared(field: Any, values: list[Any]) -> list[Any]:
    """One column's values as the driver takes them; within one transaction most rows share their moments."""
    kind = field.target_field.get_internal_type() if field.is_relation else field.get_internal_type()
    if kind in TAKEN_AS_THEY_ARE or kind.endswith("AutoField"):
        return values
    if kind == "FloatField":
        return [value if value is None else float(value) for value in values]
    if kind == "CharField":
        return [value if type(value) is str or value is None else str(value) for value in values]
    if kind == "DateTimeField":
        known = {value: field.get_db_prep_save(value, connection) for value in set(values)}
        return [known[value] for value in values]
    if kind == "JSONField":  # most are empty
        empty = {kind: field.get_db_prep_save(kind(), connection) for kind in (dict, list)}
        return [empty.get(type(value)) if not value else field.get_db_prep_save(value, connection) for value in values]
    return [field.get_db_prep_save(value, connection) for value in values]


def _names(fields: Sequence[Any]) -> str:
    return ", ".join(_quote(field.column) for field in fields)


def _arrays(fields: Sequence[Any]) -> str:
    """SQL: as many rows as each parameter, an array of one column's values, is long."""
    return ", ".join(f"unnest(%s::{field.db_type(connection)}[]) AS {_quote(field.column)}" for field in fields)


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
