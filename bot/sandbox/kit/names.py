"""What Slack adds to accepted blocks: missing ids, and the defaults of text objects."""

import copy
import secrets
import string
from typing import Any

from bot.sandbox.model import Json
from bot.sandbox.text import stored

ID_LETTERS = string.ascii_letters + string.digits + "+/"
ID_LENGTH = 5
NO_ACTION_ID = frozenset({"image", "plain_text", "mrkdwn"})
RAW = frozenset({"rich_text", "table", "markdown"})
"""Blocks that are kept as they came; what they hold is no text object."""


def name_blocks(blocks: list[Json]) -> list[Json]:
    """Return a copy with each id present; ids that were given stay."""
    return [_named(copy.deepcopy(block)) for block in blocks]


def _new_id() -> str:
    return "".join(secrets.choice(ID_LETTERS) for _ in range(ID_LENGTH))


def _named(block: Json) -> Json:
    block["block_id"] = block.get("block_id") or _new_id()
    if block["type"] in RAW:
        return block
    for element in _elements(block):
        if element["type"] not in NO_ACTION_ID:
            element["action_id"] = element.get("action_id") or _new_id()
    if block["type"] == "input":
        block.setdefault("optional", False)
        block.setdefault("dispatch_action", False)
    _texts(block)
    return block


def _elements(block: Json) -> list[Json]:
    match block["type"]:
        case "section" if "accessory" in block:
            return [block["accessory"]]
        case "input":
            return [block["element"]]
        case "actions" | "context_actions":
            return list(block["elements"])
        case _:
            return []


def _texts(value: Any) -> None:
    if isinstance(value, list):
        for item in value:
            _texts(item)
    elif isinstance(value, dict):
        if value.get("type") == "mrkdwn" and isinstance(value.get("text"), str):
            value["text"] = stored(value["text"])
            value.setdefault("verbatim", False)
        elif value.get("type") == "plain_text":
            value.setdefault("emoji", True)
        for key, item in value.items():
            if key != "initial_value":
                _texts(item)
