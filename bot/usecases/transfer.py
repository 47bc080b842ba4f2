"""Taking all of a workspace's data away, and putting it into an empty database."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any

import structlog
from sqlalchemy import Connection

from bot.domain.errors import UserFixableError
from bot.domain.ids import WorkspaceId
from bot.store import transfer

log = structlog.get_logger()

NULL = "\\N"  # in CSV, where an empty cell is an empty text
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


class ExportFormat(StrEnum):
    CSV = "csv"
    JSON_LINES = "jsonl"


def export_workspace(
    tx: Connection, workspace: WorkspaceId, format: ExportFormat
) -> dict[str, str]:
    """Return a file for each table, by its name: `assumption.jsonl`."""
    write = _to_csv if format is ExportFormat.CSV else _to_lines
    return {
        f"{name}.{format}": write(name, transfer.read(tx, workspace, name))
        for name in transfer.table_names()
    }


def import_export(tx: Connection, files: Mapping[str, str]) -> dict[str, int]:
    """Put an export into a database that knows nothing of its workspace.

    Args:
        tx: The transaction.
        files: What `export_workspace` returned; a table without a file stays empty.

    Returns:
        How many rows each table got.

    Raises:
        UserFixableError: A file cannot be read, or there is a project of the workspace already.
    """
    rows = {name: list(_read(name, files)) for name in transfer.table_names()}
    found = {str(row["workspace"]) for some in rows.values() for row in some}
    if len(found) != 1:
        raise UserFixableError("These are no files of one export: choose another folder.")
    workspace = WorkspaceId(found.pop())
    if not transfer.is_empty(tx, workspace):
        raise UserFixableError(
            f"There are projects of {workspace} here already. Import into a new database."
        )
    counts = {}
    for name, some in rows.items():
        try:
            counts[name] = transfer.write(tx, name, some)
        except (KeyError, ValueError, TypeError) as error:
            raise UserFixableError(f"{name}: a row cannot be read: {error}") from None
    transfer.make_ready(tx, workspace)
    log.info("workspace.imported", workspace=workspace, rows=sum(counts.values()))
    return counts


def _read(name: str, files: Mapping[str, str]) -> Iterator[transfer.PlainRow]:
    try:
        if f"{name}.jsonl" in files:
            lines = files[f"{name}.jsonl"].split("\n")
            yield from (json.loads(line) for line in lines if line)
        elif f"{name}.csv" in files:
            yield from rows_of_csv(files[f"{name}.csv"])
    except (ValueError, csv.Error) as error:
        raise UserFixableError(f"The file of {name} cannot be read: {error}") from None


def _to_lines(name: str, rows: Iterable[transfer.PlainRow]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=True)}\n" for row in rows)


def _to_csv(name: str, rows: Iterable[transfer.PlainRow]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    columns = transfer.columns_of(name)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    """Write a cell: texts as they are, everything else as JSON behind a backslash.

    What a spreadsheet would take for a formula begins with an apostrophe, and so does what begins
    with one.
    """
    if value is None:
        return NULL
    if not isinstance(value, str):
        return f"\\{json.dumps(value)}"
    if value.startswith("\\"):
        return f"\\{value}"
    return f"'{value}" if value.startswith(_FORMULA) else value


def rows_of_csv(text: str) -> Iterator[transfer.PlainRow]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns = next(reader, [])
    for cells in reader:
        yield {name: _value(cell) for name, cell in zip(columns, cells, strict=True)}


def _value(cell: str) -> Any:
    if cell == NULL:
        return None
    if cell.startswith("\\\\"):
        return cell[1:]
    if cell.startswith("\\"):
        return json.loads(cell[1:])
    return cell[1:] if cell.startswith("'") else cell
