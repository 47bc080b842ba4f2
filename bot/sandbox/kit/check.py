"""Collects what is wrong with a payload, in Slack's words and with its JSON pointers."""

from typing import Any

from bot.sandbox.model import Json
from bot.sandbox.text import counted

LONGEST_ID = 255


class Check:
    """One pass over one message or view; `surface` is message, modal or home."""

    def __init__(self, surface: str) -> None:
        self.surface = surface
        self.problems: list[str] = []
        self._action_ids: set[tuple[str, str]] = set()
        self._block_ids: set[str] = set()
        self._focused = False

    def fail(self, at: str, what: str) -> None:
        self.problems.append(f"[ERROR] {what} [json-pointer:{at}]")

    def object(self, value: Any, at: str) -> bool:
        if not isinstance(value, dict):
            self.fail(at, "must be an object")
            return False
        return True

    def kind(self, value: Json, at: str) -> str:
        """The type of a block or an element; empty, and a problem, when it says none."""
        kind = value.get("type")
        if isinstance(kind, str) and kind:
            return kind
        self.fail(at, "missing required field: type")
        return ""

    def string(
        self, holder: Json, key: str, at: str, *, most: int, required: bool = False, least: int = 0
    ) -> None:
        value = holder.get(key)
        if value is None:
            if required:
                self.fail(at, f"missing required field: {key}")
        elif not isinstance(value, str):
            self.fail(f"{at}/{key}", "must be a string")
        else:
            self.length(len(value), f"{at}/{key}", most=most, least=least)

    def length(self, length: int, at: str, *, most: int, least: int = 0) -> None:
        if length > most:
            self.fail(at, f"must be less than {most + 1} characters")
        elif length < least:
            self.fail(at, f"must be more than {least - 1} characters")

    def text(
        self,
        holder: Json,
        key: str,
        at: str,
        *,
        most: int,
        required: bool = True,
        mrkdwn: bool = False,
    ) -> None:
        """A text object; `mrkdwn` allows either kind, else it must be plain_text."""
        value = holder.get(key)
        if value is None:
            if required:
                self.fail(at, f"missing required field: {key}")
            return
        self.text_object(value, f"{at}/{key}", most=most, mrkdwn=mrkdwn)

    def text_object(self, value: Any, at: str, *, most: int, mrkdwn: bool = False) -> None:
        if not self.object(value, at):
            return
        kinds = ("plain_text", "mrkdwn") if mrkdwn else ("plain_text",)
        if value.get("type") not in kinds:
            self.fail(f"{at}/type", f"unsupported type: {value.get('type')}")
        elif not isinstance(value.get("text"), str):
            self.fail(at, "missing required field: text")
        else:
            length = counted(value["text"], mrkdwn=value["type"] == "mrkdwn")
            self.length(length, f"{at}/text", most=most, least=1)

    def items(
        self, holder: Json, key: str, at: str, *, most: int, least: int = 1, required: bool = True
    ) -> list[Any]:
        value = holder.get(key)
        if value is None:
            if required:
                self.fail(at, f"missing required field: {key}")
            return []
        if not isinstance(value, list):
            self.fail(f"{at}/{key}", "must be an array")
            return []
        if len(value) > most:
            self.fail(f"{at}/{key}", f"no more than {most} items allowed")
        elif len(value) < least:
            self.fail(f"{at}/{key}", f"no fewer than {least} items allowed")
        return value

    def one_of(self, holder: Json, key: str, at: str, allowed: tuple[str, ...]) -> None:
        if key in holder and holder[key] not in allowed:
            self.fail(f"{at}/{key}", "must be one of " + ", ".join(allowed))

    def block_id(self, block: Json, at: str) -> None:
        self.string(block, "block_id", at, most=LONGEST_ID)
        block_id = block.get("block_id")
        if not block_id or not isinstance(block_id, str):
            return
        if block_id in self._block_ids:
            self.fail(f"{at}/block_id", f'"block_id" must be unique: {block_id}')
        self._block_ids.add(block_id)

    def action_id(self, element: Json, at: str, block: str) -> None:
        """Within one block an action_id names one element; `block` is that block's pointer."""
        self.string(element, "action_id", at, most=LONGEST_ID)
        action_id = element.get("action_id")
        if not action_id or not isinstance(action_id, str):
            return
        if (block, action_id) in self._action_ids:
            self.fail(f"{at}/action_id", f'"action_id" must be unique: {action_id}')
        self._action_ids.add((block, action_id))

    def focus(self, element: Json, at: str) -> None:
        if element.get("focus_on_load"):
            if self._focused:
                self.fail(f"{at}/focus_on_load", "only one element can be focused on load")
            self._focused = True
