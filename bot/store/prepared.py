"""Parts of statements that are built once, where the module is read.

To build a statement anew takes several times as long as to run it (measured: sending a message
cost a worker 20 ms, most of it here), so what is run for each message or prompt is a constant with
parameters. Their names begin with `its_`: a parameter that is named like a column sets it.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Select,
    Table,
    and_,
    bindparam,
)


def its(column: Column[Any]) -> BindParameter[Any]:
    """Return the parameter for a value that the column has."""
    return bindparam(f"its_{column.name}", type_=column.type)


def is_row(table: Table) -> ColumnElement[bool]:
    """Whether it is the row whose key the parameters give."""
    return and_(*(column == its(column) for column in table.primary_key))


def named(**values: Any) -> dict[str, Any]:
    """Return the values under the names of their parameters."""
    return {f"its_{name}": value for name, value in values.items()}


class Among:
    """Reads the rows whose column has one of some values.

    Of one value, which is most often all there is, it asks for that: a list of parameters is
    written into the statement each time it runs.
    """

    def __init__(self, wanted: Select[Any], column: Column[Any]) -> None:
        """`wanted` has parameters for everything else."""
        self._name = column.name
        self._one = wanted.where(column == its(column))
        many = bindparam(f"its_{column.name}", type_=column.type, expanding=True)
        self._many = wanted.where(column.in_(many))

    def run(self, tx: Connection, values: Iterable[Any], **others: Any) -> CursorResult[Any]:
        match list(values):
            case [value]:
                return tx.execute(self._one, named(**{self._name: value}, **others))
            case several:
                return tx.execute(self._many, named(**{self._name: several}, **others))
