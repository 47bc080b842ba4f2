"""Interactive elements: their fields and limits."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.kit.check import Check
from bot.sandbox.model import Json

Rule = Callable[[Check, Json, str], None]

BUTTON_TEXT, BUTTON_VALUE, BUTTON_URL, BUTTON_LABEL = 75, 2000, 3000, 75
OPTION_TEXT, OPTION_VALUE, OPTION_DESCRIPTION, OPTION_URL = 75, 150, 75, 3000
MOST_OPTIONS, MOST_GROUPS, GROUP_LABEL = 100, 100, 75
MOST_CHECKS, MOST_OVERFLOW = 10, 5
PLACEHOLDER = 150
CONFIRM_TITLE, CONFIRM_TEXT, CONFIRM_BUTTON = 100, 300, 30
IMAGE_URL, IMAGE_ALT = 3000, 2000
LONGEST_INPUT = 3000
MOST_FILES = 10


def confirm(check: Check, element: Json, at: str) -> None:
    value = element.get("confirm")
    if value is None or not check.object(value, f"{at}/confirm"):
        return
    at = f"{at}/confirm"
    check.text(value, "title", at, most=CONFIRM_TITLE)
    check.text(value, "text", at, most=CONFIRM_TEXT, mrkdwn=True)
    check.text(value, "confirm", at, most=CONFIRM_BUTTON)
    check.text(value, "deny", at, most=CONFIRM_BUTTON)
    check.one_of(value, "style", at, ("primary", "danger"))


def option(check: Check, value: Any, at: str, *, mrkdwn: bool, url: bool = False) -> None:
    if not check.object(value, at):
        return
    check.text(value, "text", at, most=OPTION_TEXT, mrkdwn=mrkdwn)
    check.string(value, "value", at, most=OPTION_VALUE, required=True)
    check.text(value, "description", at, most=OPTION_DESCRIPTION, required=False, mrkdwn=mrkdwn)
    if url:
        check.string(value, "url", at, most=OPTION_URL)
    elif "url" in value:
        check.fail(f"{at}/url", "url is only allowed in overflow menus")


def options(
    check: Check, element: Json, at: str, *, most: int, mrkdwn: bool = False, url: bool = False
) -> list[Any]:
    """Check and return the options; each value may stand once."""
    found = check.items(element, "options", at, most=most)
    seen: list[Any] = []
    for index, one in enumerate(found):
        option(check, one, f"{at}/options/{index}", mrkdwn=mrkdwn, url=url)
        value = one.get("value") if isinstance(one, dict) else None
        if value is not None and value in seen:
            check.fail(f"{at}/options/{index}/value", "option values must be unique")
        seen.append(value)
    return found


def options_or_groups(check: Check, element: Json, at: str) -> list[Any]:
    if "option_groups" not in element:
        return options(check, element, at, most=MOST_OPTIONS)
    if "options" in element:
        check.fail(at, "options and option_groups cannot be used together")
    found = []
    for index, group in enumerate(check.items(element, "option_groups", at, most=MOST_GROUPS)):
        place = f"{at}/option_groups/{index}"
        if check.object(group, place):
            check.text(group, "label", place, most=GROUP_LABEL)
            found += options(check, group, place, most=MOST_OPTIONS)
    return found


def initial_among(check: Check, element: Json, at: str, offered: list[Any]) -> None:
    """What is chosen at the start must be one of what is offered, in the same words."""
    many = check.items(element, "initial_options", at, most=MOST_OPTIONS, required=False)
    for one in many:
        if one not in offered:
            check.fail(f"{at}/initial_options", "initial option must match one of the options")
    one = element.get("initial_option")
    if one is not None and one not in offered:
        check.fail(f"{at}/initial_option", "initial option must match one of the options")


def placeholder(check: Check, element: Json, at: str) -> None:
    check.text(element, "placeholder", at, most=PLACEHOLDER, required=False)


def button(check: Check, element: Json, at: str) -> None:
    check.text(element, "text", at, most=BUTTON_TEXT)
    check.string(element, "value", at, most=BUTTON_VALUE)
    check.string(element, "url", at, most=BUTTON_URL)
    check.string(element, "accessibility_label", at, most=BUTTON_LABEL)
    check.one_of(element, "style", at, ("primary", "danger"))


def workflow_button(check: Check, element: Json, at: str) -> None:
    check.text(element, "text", at, most=BUTTON_TEXT)
    if "workflow" not in element:
        check.fail(at, "missing required field: workflow")


def overflow(check: Check, element: Json, at: str) -> None:
    options(check, element, at, most=MOST_OVERFLOW, url=True)


def choices(check: Check, element: Json, at: str) -> None:
    """Checkboxes and radio buttons."""
    offered = options(check, element, at, most=MOST_CHECKS, mrkdwn=True)
    initial_among(check, element, at, offered)


def static_select(check: Check, element: Json, at: str) -> None:
    placeholder(check, element, at)
    initial_among(check, element, at, options_or_groups(check, element, at))
    _most_selected(check, element, at)


def external_select(check: Check, element: Json, at: str) -> None:
    placeholder(check, element, at)
    length = element.get("min_query_length", 0)
    if not isinstance(length, int) or length < 0:
        check.fail(f"{at}/min_query_length", "must be an integer of 0 or more")
    for key in ("options", "option_groups"):
        if key in element:
            check.fail(f"{at}/{key}", f"{element['type']} takes no {key}")
    _most_selected(check, element, at)


def id_select(check: Check, element: Json, at: str) -> None:
    """A menu of people, conversations or channels."""
    placeholder(check, element, at)
    _most_selected(check, element, at)
    if element.get("response_url_enabled") and (
        check.surface != "modal" or element["type"].startswith("multi_")
    ):
        check.fail(f"{at}/response_url_enabled", "only allowed in a modal's input block")


def _most_selected(check: Check, element: Json, at: str) -> None:
    most = element.get("max_selected_items")
    if most is not None and (not isinstance(most, int) or most < 1):
        check.fail(f"{at}/max_selected_items", "must be an integer of 1 or more")


def typed_input(check: Check, element: Json, at: str) -> None:
    """Plain text, email and URL inputs."""
    placeholder(check, element, at)
    check.string(element, "initial_value", at, most=LONGEST_INPUT)
    low, high = element.get("min_length", 0), element.get("max_length", LONGEST_INPUT)
    if not isinstance(low, int) or not 0 <= low <= LONGEST_INPUT:
        check.fail(f"{at}/min_length", f"must be between 0 and {LONGEST_INPUT}")
    elif not isinstance(high, int) or not 1 <= high <= LONGEST_INPUT:
        check.fail(f"{at}/max_length", f"must be between 1 and {LONGEST_INPUT}")
    elif low > high:
        check.fail(f"{at}/min_length", "must not be greater than max_length")
    elif isinstance(element.get("initial_value"), str) and len(element["initial_value"]) > high:
        check.fail(f"{at}/initial_value", f"must be less than {high + 1} characters")


def number_input(check: Check, element: Json, at: str) -> None:
    placeholder(check, element, at)
    if not isinstance(element.get("is_decimal_allowed"), bool):
        check.fail(at, "missing required field: is_decimal_allowed")
    for key in ("initial_value", "min_value", "max_value"):
        if key in element and not isinstance(element[key], str):
            check.fail(f"{at}/{key}", "must be a string")


def file_input(check: Check, element: Json, at: str) -> None:
    most = element.get("max_files", MOST_FILES)
    if not isinstance(most, int) or not 1 <= most <= MOST_FILES:
        check.fail(f"{at}/max_files", f"must be between 1 and {MOST_FILES}")


def image(check: Check, element: Json, at: str) -> None:
    check.string(element, "alt_text", at, most=IMAGE_ALT, required=True)
    if "slack_file" not in element:
        check.string(element, "image_url", at, most=IMAGE_URL, required=True)
    elif "image_url" in element:
        check.fail(at, "image_url and slack_file cannot be used together")


def feedback_buttons(check: Check, element: Json, at: str) -> None:
    for key in ("positive_button", "negative_button"):
        if key not in element:
            check.fail(at, f"missing required field: {key}")
        elif check.object(element[key], f"{at}/{key}"):
            check.text(element[key], "text", f"{at}/{key}", most=BUTTON_TEXT)
            check.string(element[key], "value", f"{at}/{key}", most=BUTTON_VALUE, required=True)


def icon_button(check: Check, element: Json, at: str) -> None:
    check.text(element, "text", at, most=BUTTON_TEXT)
    check.string(element, "value", at, most=BUTTON_VALUE)
    if "icon" not in element:
        check.fail(at, "missing required field: icon")


RULES: dict[str, Rule] = {
    "button": button,
    "workflow_button": workflow_button,
    "overflow": overflow,
    "checkboxes": choices,
    "radio_buttons": choices,
    "datepicker": placeholder,
    "timepicker": placeholder,
    "datetimepicker": lambda check, element, at: None,
    "static_select": static_select,
    "multi_static_select": static_select,
    "external_select": external_select,
    "multi_external_select": external_select,
    "users_select": id_select,
    "multi_users_select": id_select,
    "conversations_select": id_select,
    "multi_conversations_select": id_select,
    "channels_select": id_select,
    "multi_channels_select": id_select,
    "plain_text_input": typed_input,
    "email_text_input": typed_input,
    "url_text_input": typed_input,
    "number_input": number_input,
    "rich_text_input": placeholder,
    "file_input": file_input,
    "image": image,
    "feedback_buttons": feedback_buttons,
    "icon_button": icon_button,
}
MENUS = frozenset(
    f"{many}{what}_select"
    for many in ("", "multi_")
    for what in ("static", "external", "users", "conversations", "channels")
)
PICKERS = frozenset({"checkboxes", "radio_buttons", "datepicker", "timepicker"}) | MENUS
IN_ACTIONS = PICKERS | {
    "button", "workflow_button", "overflow", "datetimepicker", "rich_text_input",
}  # fmt: skip
IN_SECTION = PICKERS | {"button", "workflow_button", "overflow", "image"}
IN_INPUT = PICKERS | {
    "datetimepicker", "plain_text_input", "email_text_input", "url_text_input", "number_input",
    "rich_text_input", "file_input",
}  # fmt: skip
IN_CONTEXT_ACTIONS = frozenset({"feedback_buttons", "icon_button"})


def element(check: Check, value: Any, at: str, *, allowed: frozenset[str], block: str) -> None:
    """Check an element of any type; `block` is the pointer of the block that holds it."""
    if not check.object(value, at):
        return
    kind = check.kind(value, at)
    if not kind:
        return
    if kind not in allowed:
        check.fail(f"{at}/type", f"unsupported type: {kind}")
        return
    RULES[kind](check, value, at)
    if kind == "image":
        return
    check.action_id(value, at, block)
    check.focus(value, at)
    confirm(check, value, at)
