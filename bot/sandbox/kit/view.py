import json
from typing import Any

from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.kit.check import LONGEST_ID, Check
from bot.sandbox.kit.layout import layout_block
from bot.sandbox.model import Json

MOST_BLOCKS = 100
LONGEST_TITLE = 24
LONGEST_METADATA = 3000
LARGEST_VIEW = 250 * 1024
NOT_AN_OBJECT = "[ERROR] must be an object [json-pointer:/view]"
MODAL_ONLY = ("title", "submit", "close", "clear_on_close", "notify_on_close")


def check_view(view: Any, surface: str) -> None:
    """Raise as Slack does when `view` is not a good modal or home.

    Raises:
        InvalidBlocksError: invalid_arguments, each message with its JSON pointer.
        SlackError: view_too_large.
    """
    if not isinstance(view, dict):
        raise InvalidBlocksError(
            "invalid_arguments", ["[ERROR] must be an object [json-pointer:/view]"]
        )
    if len(json.dumps(view, ensure_ascii=False).encode()) > LARGEST_VIEW:
        raise SlackError("view_too_large")
    problems = view_problems(view, surface)
    if problems:
        raise InvalidBlocksError("invalid_arguments", problems)


def view_problems(view: Json, surface: str) -> list[str]:
    check = Check(surface)
    if view.get("type") != surface:
        check.fail("/view/type", f"must be {surface}")
    for key, most in (
        ("private_metadata", LONGEST_METADATA),
        ("callback_id", LONGEST_ID),
        ("external_id", LONGEST_ID),
    ):
        check.string(view, key, "/view", most=most)
    blocks = check.items(view, "blocks", "/view", most=MOST_BLOCKS, least=0)
    for index, block in enumerate(blocks):
        layout_block(check, block, f"/view/blocks/{index}")
    if surface == "modal":
        _modal(check, view, blocks)
    else:
        for key in MODAL_ONLY:
            if view.get(key) not in (None, False):
                check.fail(f"/view/{key}", f"a home takes no {key}")
    return check.problems


def _modal(check: Check, view: Json, blocks: list[Any]) -> None:
    check.text(view, "title", "/view", most=LONGEST_TITLE)
    check.text(view, "submit", "/view", most=LONGEST_TITLE, required=False)
    check.text(view, "close", "/view", most=LONGEST_TITLE, required=False)
    has_input = any(isinstance(block, dict) and block.get("type") == "input" for block in blocks)
    if has_input and not view.get("submit"):
        check.fail("/view", "missing required field: submit")
