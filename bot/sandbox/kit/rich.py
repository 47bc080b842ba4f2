"""rich_text and table blocks."""

from typing import Any

from bot.sandbox.kit.check import Check
from bot.sandbox.model import Json

CONTAINERS = frozenset(
    {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
)
# {element type: the field it cannot do without}
INLINE = {
    "text": "text",
    "link": "url",
    "user": "user_id",
    "channel": "channel_id",
    "usergroup": "usergroup_id",
    "emoji": "name",
    "broadcast": "range",
    "date": "timestamp",
    "color": "value",
}
BROADCAST_RANGES = ("here", "channel", "everyone")
MOST_ROWS, MOST_COLUMNS, LONGEST_TABLE = 100, 20, 10_000
CELLS = frozenset({"raw_text", "raw_number", "rich_text"})


def rich_text(check: Check, block: Json, at: str) -> None:
    parts = block.get("elements")
    if not isinstance(parts, list):
        check.fail(at, "missing required field: elements")
        return
    for index, part in enumerate(parts):
        _container(check, part, f"{at}/elements/{index}")


def _container(check: Check, part: Any, at: str) -> None:
    if not check.object(part, at):
        return
    kind = check.kind(part, at)
    if kind not in CONTAINERS:
        check.fail(f"{at}/type", f"unsupported type: {kind}")
        return
    inner = part.get("elements")
    if not isinstance(inner, list):
        check.fail(at, "missing required field: elements")
        return
    if kind == "rich_text_list":
        check.one_of(part, "style", at, ("bullet", "ordered"))
        if "style" not in part:
            check.fail(at, "missing required field: style")
    for index, one in enumerate(inner):
        if kind == "rich_text_list":
            _container(check, one, f"{at}/elements/{index}")
        else:
            _inline(check, one, f"{at}/elements/{index}")


def _inline(check: Check, one: Any, at: str) -> None:
    if not check.object(one, at):
        return
    kind = check.kind(one, at)
    if kind not in INLINE:
        check.fail(f"{at}/type", f"unsupported type: {kind}")
        return
    needed = INLINE[kind]
    if needed not in one:
        check.fail(at, f"missing required field: {needed}")
    elif not isinstance(one[needed], int if kind == "date" else str):
        check.fail(f"{at}/{needed}", "has the wrong type")
    elif kind == "text" and not one["text"]:
        check.fail(f"{at}/text", "must be more than 0 characters")
    if kind == "broadcast":
        check.one_of(one, "range", at, BROADCAST_RANGES)
    if not isinstance(one.get("style", {}), dict):
        check.fail(f"{at}/style", "must be an object")


def table(check: Check, block: Json, at: str) -> None:
    for number, row in enumerate(check.items(block, "rows", at, most=MOST_ROWS)):
        place = f"{at}/rows/{number}"
        cells = check.items({"cells": row}, "cells", place, most=MOST_COLUMNS)
        for index, cell in enumerate(cells):
            _cell(check, cell, f"{place}/{index}")
    settings = block.get("column_settings")
    if settings is not None:
        check.items(block, "column_settings", at, most=MOST_COLUMNS)


def _cell(check: Check, cell: Any, at: str) -> None:
    if not check.object(cell, at):
        return
    kind = check.kind(cell, at)
    if kind not in CELLS:
        check.fail(f"{at}/type", f"unsupported type: {kind}")
    elif kind == "rich_text":
        rich_text(check, cell, at)
    elif "text" not in cell:
        check.fail(at, "missing required field: text")


def table_length(value: Any) -> int:
    """All characters shown in a table, however deep they stand."""
    if isinstance(value, dict):
        own = len(value["text"]) if isinstance(value.get("text"), str) else 0
        return own + sum(table_length(item) for item in value.values())
    if isinstance(value, list):
        return sum(table_length(item) for item in value)
    return 0
