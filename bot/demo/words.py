"""What a person reads in a message or a view: its blocks as lines of plain text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_ZERO_WIDTH = "\u200b"


@dataclass(frozen=True, slots=True)
class Button:
    """Something to press: a button, or one entry of an overflow menu (which has a `value`)."""

    label: str
    block_id: str
    action_id: str
    value: str | None = None


def lines(surface: Json, names: Mapping[str, str]) -> list[str]:
    """Return what `surface` (a message or a view) says, a line for each block that has text.

    Args:
        surface: As the control API shows it.
        names: {user id: name}, for mentions.
    """
    blocks: Sequence[Json] = surface.get("blocks") or ()
    found = [_block(block, names) for block in blocks]
    if not blocks:
        found = [_mrkdwn(str(surface.get("text", "")), names)]
    return [line for line in found if line.strip()]


def buttons(surface: Json) -> Iterator[Button]:
    """Yield what can be pressed on `surface`, in the order in which it is shown."""
    for block in surface.get("blocks") or ():
        elements = list(block.get("elements", ())) if block["type"] == "actions" else []
        if block["type"] == "section" and "accessory" in block:
            elements.append(block["accessory"])
        for element in elements:
            yield from _pressable(block["block_id"], element)


def _pressable(block_id: str, element: Json) -> Iterator[Button]:
    if element["type"] == "button":
        yield Button(element["text"]["text"], block_id, element["action_id"])
    elif element["type"] == "overflow":
        for option in element["options"]:
            label, value = option["text"]["text"], option["value"]
            yield Button(label, block_id, element["action_id"], value)


def _block(block: Json, names: Mapping[str, str]) -> str:
    match block["type"]:
        case "section" | "header" | "context":
            parts = [block.get("text"), *block.get("fields", ()), *block.get("elements", ())]
            return "  ".join(_text(part, names) for part in parts if part and "text" in part)
        case "rich_text":
            return "\n".join(_rich(part, names) for part in block["elements"])
        case "input":
            return _text(block["label"], names)
        case "actions":
            labels = [button.label for button in buttons({"blocks": [block]}) if not button.value]
            return "  ".join(f"[{label}]" for label in labels)
        case _:
            return ""


def _text(part: Json, names: Mapping[str, str]) -> str:
    text = str(part["text"])
    return _mrkdwn(text, names) if part["type"] == "mrkdwn" else text


def _mrkdwn(text: str, names: Mapping[str, str]) -> str:
    def seen(token: re.Match[str]) -> str:
        sign, body, label = token.groups()
        if sign == "@":
            return f"@{names.get(body, body)}"
        return str(label or body)

    text = _TOKEN.sub(seen, text).replace(_ZERO_WIDTH, "")
    text = re.sub(r"(?<!\w)([*_`])(?=\S)(.+?)(?<=\S)\1(?!\w)", r"\2", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _rich(part: Json, names: Mapping[str, str]) -> str:
    pieces = []
    for element in part.get("elements", ()):
        match element["type"]:
            case "text":
                pieces.append(element["text"])
            case "link":
                pieces.append(element.get("text", element["url"]))
            case "user":
                pieces.append(f"@{names.get(element['user_id'], element['user_id'])}")
            case "rich_text_section":
                pieces.append(_rich(element, names))
            case _:
                pass
    text = "".join(pieces)
    return f"“{text}”" if part["type"] == "rich_text_quote" else text
