"""Layout blocks: which surface takes them, their fields and limits."""

from typing import Any

from bot.sandbox.kit import elements
from bot.sandbox.kit.check import Check
from bot.sandbox.kit.rich import rich_text, table
from bot.sandbox.model import Json

SECTION_TEXT, MOST_FIELDS, FIELD_TEXT = 3000, 10, 2000
HEADER_TEXT = 150
MOST_ACTIONS, MOST_CONTEXT, MOST_CONTEXT_ACTIONS = 25, 10, 5
CONTEXT_TEXT = 3000
INPUT_LABEL, INPUT_HINT = 2000, 2000
IMAGE_TITLE = 2000
VIDEO_TITLE, VIDEO_AUTHOR, VIDEO_URL = 200, 50, 3000
LONGEST_MARKDOWN = 12_000
CARD_TITLE, CARD_BODY = 150, 200
MOST_CARDS, MOST_CHILDREN = 10, 10
ALERT_LEVELS = ("default", "info", "warning", "error", "success")
EVERYWHERE = frozenset({"message", "modal", "home"})
MESSAGE = frozenset({"message"})


def section(check: Check, block: Json, at: str) -> None:
    if "text" not in block and "fields" not in block:
        check.fail(at, "missing required field: text")
    check.text(block, "text", at, most=SECTION_TEXT, required=False, mrkdwn=True)
    fields = check.items(block, "fields", at, most=MOST_FIELDS, required=False)
    for index, field in enumerate(fields):
        check.text_object(field, f"{at}/fields/{index}", most=FIELD_TEXT, mrkdwn=True)
    if "accessory" in block:
        elements.element(
            check, block["accessory"], f"{at}/accessory", allowed=elements.IN_SECTION, block=at
        )


def header(check: Check, block: Json, at: str) -> None:
    check.text(block, "text", at, most=HEADER_TEXT)


def divider(check: Check, block: Json, at: str) -> None:
    """Nothing but its type."""


def actions(check: Check, block: Json, at: str) -> None:
    for index, one in enumerate(check.items(block, "elements", at, most=MOST_ACTIONS)):
        place = f"{at}/elements/{index}"
        elements.element(check, one, place, allowed=elements.IN_ACTIONS, block=at)


def context_actions(check: Check, block: Json, at: str) -> None:
    for index, one in enumerate(check.items(block, "elements", at, most=MOST_CONTEXT_ACTIONS)):
        place = f"{at}/elements/{index}"
        elements.element(check, one, place, allowed=elements.IN_CONTEXT_ACTIONS, block=at)


def context(check: Check, block: Json, at: str) -> None:
    for index, one in enumerate(check.items(block, "elements", at, most=MOST_CONTEXT)):
        place = f"{at}/elements/{index}"
        if isinstance(one, dict) and one.get("type") == "image":
            elements.image(check, one, place)
        else:
            check.text_object(one, place, most=CONTEXT_TEXT, mrkdwn=True)


def input_block(check: Check, block: Json, at: str) -> None:
    check.text(block, "label", at, most=INPUT_LABEL)
    check.text(block, "hint", at, most=INPUT_HINT, required=False)
    if "element" not in block:
        check.fail(at, "missing required field: element")
        return
    place = f"{at}/element"
    elements.element(check, block["element"], place, allowed=elements.IN_INPUT, block=at)


def image(check: Check, block: Json, at: str) -> None:
    elements.image(check, block, at)
    check.text(block, "title", at, most=IMAGE_TITLE, required=False)


def video(check: Check, block: Json, at: str) -> None:
    check.text(block, "title", at, most=VIDEO_TITLE)
    check.string(block, "author_name", at, most=VIDEO_AUTHOR)
    for key in ("video_url", "thumbnail_url", "alt_text"):
        check.string(block, key, at, most=VIDEO_URL, required=True)


def markdown(check: Check, block: Json, at: str) -> None:
    check.string(block, "text", at, most=LONGEST_MARKDOWN, required=True, least=1)


def file(check: Check, block: Json, at: str) -> None:
    if block.get("source") != "remote":
        check.fail(f"{at}/source", "must be remote")
    check.string(block, "external_id", at, most=elements.IMAGE_URL, required=True)


def alert(check: Check, block: Json, at: str) -> None:
    check.text(block, "text", at, most=SECTION_TEXT, mrkdwn=True)
    check.one_of(block, "level", at, ALERT_LEVELS)


def card(check: Check, block: Json, at: str) -> None:
    check.text(block, "title", at, most=CARD_TITLE, required=False, mrkdwn=True)
    check.text(block, "body", at, most=CARD_BODY, required=False, mrkdwn=True)


def carousel(check: Check, block: Json, at: str) -> None:
    for index, one in enumerate(check.items(block, "elements", at, most=MOST_CARDS)):
        if check.object(one, f"{at}/elements/{index}"):
            card(check, one, f"{at}/elements/{index}")


def container(check: Check, block: Json, at: str) -> None:
    children = check.items(block, "child_blocks", at, most=MOST_CHILDREN)
    for index, one in enumerate(children):
        layout_block(check, one, f"{at}/child_blocks/{index}")


RULES = {
    "section": (section, EVERYWHERE),
    "header": (header, EVERYWHERE),
    "divider": (divider, EVERYWHERE),
    "actions": (actions, EVERYWHERE),
    "context": (context, EVERYWHERE),
    "input": (input_block, EVERYWHERE),
    "image": (image, EVERYWHERE),
    "rich_text": (rich_text, EVERYWHERE),
    "video": (video, EVERYWHERE),
    "alert": (alert, EVERYWHERE),
    "card": (card, MESSAGE),
    "carousel": (carousel, MESSAGE),
    "container": (container, MESSAGE),
    "context_actions": (context_actions, MESSAGE),
    "file": (file, MESSAGE),
    "markdown": (markdown, MESSAGE),
    "table": (table, MESSAGE),
}


def layout_block(check: Check, block: Any, at: str) -> None:
    if not check.object(block, at):
        return
    kind = check.kind(block, at)
    if not kind:
        return
    rule, surfaces = RULES.get(kind, (None, EVERYWHERE))
    if rule is None or check.surface not in surfaces:
        check.fail(f"{at}/type", f"unsupported type: {kind}")
        return
    check.block_id(block, at)
    rule(check, block, at)


def markdown_length(blocks: list[Any]) -> int:
    """The limit of markdown blocks holds for all of a message's together."""
    return sum(
        len(block["text"])
        for block in blocks
        if isinstance(block, dict)
        and block.get("type") == "markdown"
        and isinstance(block.get("text"), str)
    )
