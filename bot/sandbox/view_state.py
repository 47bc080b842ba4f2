"""`state.values`: what each input holds, from its initial value and from what a person chose."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.sandbox.errors import ControlError
from bot.sandbox.model import Json
from bot.sandbox.text import rich_text, typed_message

State = dict[str, dict[str, Json]]

# {element type: (key in the state, value when nothing is chosen, key of the initial value)}
STATEFUL: dict[str, tuple[str, Any, str]] = {
    "plain_text_input": ("value", None, "initial_value"),
    "email_text_input": ("value", None, "initial_value"),
    "url_text_input": ("value", None, "initial_value"),
    "number_input": ("value", None, "initial_value"),
    "rich_text_input": ("rich_text_value", None, "initial_value"),
    "datepicker": ("selected_date", None, "initial_date"),
    "timepicker": ("selected_time", None, "initial_time"),
    "datetimepicker": ("selected_date_time", None, "initial_date_time"),
    "static_select": ("selected_option", None, "initial_option"),
    "external_select": ("selected_option", None, "initial_option"),
    "radio_buttons": ("selected_option", None, "initial_option"),
    "users_select": ("selected_user", None, "initial_user"),
    "conversations_select": ("selected_conversation", None, "initial_conversation"),
    "channels_select": ("selected_channel", None, "initial_channel"),
    "checkboxes": ("selected_options", [], "initial_options"),
    "multi_static_select": ("selected_options", [], "initial_options"),
    "multi_external_select": ("selected_options", [], "initial_options"),
    "multi_users_select": ("selected_users", [], "initial_users"),
    "multi_conversations_select": ("selected_conversations", [], "initial_conversations"),
    "multi_channels_select": ("selected_channels", [], "initial_channels"),
    "file_input": ("files", [], ""),
}
BAD_MOMENT = "Write a date as YYYY-MM-DD, a time as HH:mm, a moment as whole seconds since 1970."
REQUIRED = "Please complete this required field."
CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
URL = re.compile(r"https?://\S+")
NUMBER = re.compile(r"-?\d+(\.\d+)?")


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Each block that holds something to press or fill, with that element."""
    for block in blocks:
        match block.get("type"):
            case "input":
                yield block, block["element"]
            case "section" if "accessory" in block:
                yield block, block["accessory"]
            case "actions" | "context_actions":
                for element in block["elements"]:
                    yield block, element
            case _:
                pass  # nothing in it can be pressed or filled


def find(blocks: Sequence[Json], block_id: str, action_id: str) -> tuple[Json, Json]:
    for block, element in elements(blocks):
        if block["block_id"] == block_id and element.get("action_id") == action_id:
            return block, element
    raise ControlError("element_not_found", f"Nothing here is called {block_id} / {action_id}.")


def initial(blocks: Sequence[Json], *, here: str | None = None) -> State:
    """Every input, those that are empty too; `here` is the conversation the person came from."""
    state: State = {}
    for block, element in elements(blocks):
        kind = element["type"]
        if kind in STATEFUL:
            key, empty, start = STATEFUL[kind]
            value = element.get(start, empty)
            if value is None and element.get("default_to_current_conversation"):
                value = here
            entry = {"type": kind, key: value}
            state.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return state


def kept(new: State, old: State) -> State:
    """What a person had filled in stays when a view is updated and the input is still there."""
    return {
        block_id: {
            action_id: old[block_id][action_id]
            if old.get(block_id, {}).get(action_id, {}).get("type") == entry["type"]
            else entry
            for action_id, entry in entries.items()
        }
        for block_id, entries in new.items()
    }


def filled(
    blocks: Sequence[Json],
    state: State,
    values: Mapping[str, Mapping[str, Any]],
    choices: "Choices",
) -> State:
    """`state` with plain `values` put in, `{block_id: {action_id: value}}`."""
    result = {block_id: dict(entries) for block_id, entries in state.items()}
    for block_id, row in values.items():
        for action_id, value in row.items():
            _, element = find(blocks, block_id, action_id)
            if element["type"] not in STATEFUL:
                raise ControlError("bad_value", f"{action_id} takes no value.")
            result[block_id][action_id] = choices.entry(element, value)
    return result


class Choices:
    """Turns a plain value into a state entry, refusing what the page would not offer."""

    def __init__(
        self,
        *,
        people: Mapping[str, str],
        channels: Mapping[str, str],
        exists: Callable[[str], bool],
        loaded: Sequence[Json] = (),
    ) -> None:
        """`loaded` are options that an external select was given."""
        self._people = people
        self._channels = channels
        self._exists = exists
        self._loaded = loaded

    def entry(self, element: Json, value: Any) -> Json:
        kind = element["type"]
        key, empty, _ = STATEFUL[kind]
        if value is None or value in ("", []):
            return {"type": kind, key: empty}
        if isinstance(empty, list):
            values = value if isinstance(value, list) else [value]
            most = element.get("max_selected_items", len(values))
            if len(values) > most:
                raise ControlError("bad_value", f"{element['action_id']} takes at most {most}.")
            return {"type": kind, key: [self._one(kind, element, item) for item in values]}
        return {"type": kind, key: self._one(kind, element, value)}

    def _one(self, kind: str, element: Json, value: Any) -> Any:
        if kind.endswith(("static_select", "external_select")) or kind in (
            "radio_buttons",
            "checkboxes",
        ):
            return self.option(element, value)
        if kind.endswith(("users_select", "conversations_select", "channels_select")):
            if not self._exists(value):
                raise ControlError("bad_value", f"Nobody and nothing here has the id {value}.")
            return value
        if kind == "rich_text_input":
            typed = typed_message(str(value), self._people, self._channels)
            return {"type": "rich_text", "elements": rich_text(typed, "")["elements"]}
        return _scalar(kind, value)

    def option(self, element: Json, value: Any) -> Json:
        """The option whose value this is; a whole option is taken for its value."""
        wanted = value.get("value") if isinstance(value, dict) else value
        for option in [*options_of(element), *self._loaded]:
            if option.get("value") == wanted:
                return option
        raise ControlError("bad_value", f"{element.get('action_id')} has no option {wanted!r}.")


def options_of(element: Json) -> list[Json]:
    groups = element.get("option_groups", ())
    return [*element.get("options", ()), *(one for group in groups for one in group["options"])]


def _scalar(kind: str, value: Any) -> Any:
    try:
        match kind:
            case "datepicker":
                return date.fromisoformat(str(value)).isoformat()
            case "datetimepicker":
                return int(value)
            case "file_input":
                return value
            case _:
                pass
    except (TypeError, ValueError):
        raise ControlError("bad_value", BAD_MOMENT) from None
    if kind == "timepicker" and not CLOCK_TIME.fullmatch(str(value)):
        raise ControlError("bad_value", BAD_MOMENT)
    return str(value)


def problems(blocks: Sequence[Json], state: State) -> dict[str, str]:
    """What Slack's own client says before it lets a form go, `{block_id: sentence}`."""
    found = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        entry = state[block["block_id"]][element["action_id"]]
        value = entry[STATEFUL[element["type"]][0]]
        problem = _problem(block, element, value)
        if problem:
            found[block["block_id"]] = problem
    return found


def _problem(block: Json, element: Json, value: Any) -> str | None:
    if value is None or value in ("", []):
        return None if block.get("optional") else REQUIRED
    match element["type"]:
        case "plain_text_input":
            return _length_problem(element, value)
        case "email_text_input" if not EMAIL.fullmatch(value):
            return "Please enter a valid email address."
        case "url_text_input" if not URL.fullmatch(value):
            return "Please enter a valid URL."
        case "number_input":
            return _number_problem(element, value)
        case _:
            return None


def _length_problem(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"This field must be at least {element['min_length']} characters."
    if len(value) > element.get("max_length", MOST_TYPED):
        return f"This field can be at most {element.get('max_length', MOST_TYPED)} characters."
    return None


MOST_TYPED = 3000


def _number_problem(element: Json, value: str) -> str | None:
    if not NUMBER.fullmatch(value) or ("." in value and not element["is_decimal_allowed"]):
        return "Please enter a valid number."
    if float(value) < float(element.get("min_value", value)):
        return f"This number must be {element['min_value']} or more."
    if float(value) > float(element.get("max_value", value)):
        return f"This number must be {element['max_value']} or less."
    return None
