"""Parts of statements that are built once, where the module is read.

To build a statement anew takes several times as long as to run it (measured: sending a message
cost a worker 20 ms, most of it here), so what is run for each message or prompt is a constant with
parameters. Their names begin with `its_`: a parameter that is named like a column sets it.
"""

from typing import Any

from sqlalchemy import BindParameter, Column, ColumnElement, Table, and_, bindparam


def its(column: Column[Any]) -> BindParameter[Any]:
    """Return the parameter for a value that the column has."""
    return bindparam(f"its_{column.name}", type_=column.type)


def among(column: Column[Any]) -> ColumnElement[bool]:
    """Whether the column has one of the values in its parameter, a list."""
    return column.in_(bindparam(f"its_{column.name}", type_=column.type, expanding=True))


def is_row(table: Table) -> ColumnElement[bool]:
    """Whether it is the row whose key the parameters give."""
    return and_(*(column == its(column) for column in table.primary_key))


def named(**values: Any) -> dict[str, Any]:
    """Return the values under the names of their parameters."""
    return {f"its_{name}": value for name, value in values.items()}
