"""The pieces that views are made of, each within Slack's limits."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from bot.domain.ids import UserId
from bot.domain.text import day_in_words, listed, strip_controls
from bot.slack import ids
from bot.slack.text import clip_escaped, clip_plain

Block = dict[str, Any]
Element = dict[str, Any]
View = dict[str, Any]
Message = dict[str, Any]  # "text" and "blocks", as chat.postMessage takes them
Option = tuple[str, str]  # the value, and what a person sees

TITLE_MAX = 24
SECTION_MAX = 3000
QUOTE_MAX = 700  # of a person's text inside a message; the rest is one click away
TEXT_INPUT_MAX = 3000
MESSAGE_BLOCKS_MAX = 50
MODAL_BLOCKS_MAX = 100
_BUTTON_MAX = 75
_OPTION_MAX = 75
_PLACEHOLDER_MAX = 150
_FALLBACK_MAX = 1000
_MODAL_TEXT_MAX = 2900
_URL_MAX = 2000
_NAME_MAX = 60
_NAMES_MAX = 8  # more make a line that nobody reads


def plain(text: str, limit: int) -> Element:
    """Text that is never parsed; Slack refuses an empty one."""
    return {"type": "plain_text", "text": clip_plain(text, limit) or "–", "emoji": False}


def mrkdwn(text: str) -> Element:
    """Our own words; a person's text inside them went through `quoted` or `clip_escaped`."""
    return {"type": "mrkdwn", "text": text[:SECTION_MAX], "verbatim": True}


def section(text: str, *, accessory: Element | None = None) -> Block:
    block: Block = {"type": "section", "text": mrkdwn(text)}
    if accessory is not None:
        block["accessory"] = accessory
    return block


def sentence(text: str) -> Block:
    """One sentence that may quote what somebody typed: nothing in it is parsed."""
    return {"type": "section", "text": plain(text, SECTION_MAX)}


def context(*texts: str) -> Block:
    """A small grey line; empty pieces are left out, the others joined by dots."""
    line = "  ·  ".join(text for text in texts if text)
    return {"type": "context", "elements": [mrkdwn(line)]}


def header(text: str) -> Block:
    return {"type": "header", "text": plain(text, 150)}


def divider() -> Block:
    return {"type": "divider"}


def said(text: str, *, limit: int = QUOTE_MAX) -> Block:
    """A person's text as a quotation: never parsed, cut with an ellipsis."""
    quote = {"type": "rich_text_quote", "elements": [_inert(text, limit)]}
    return {"type": "rich_text", "elements": [quote]}


def preformatted(text: str, *, limit: int = SECTION_MAX) -> Block:
    """Lines to copy: never parsed, in letters of one width."""
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_preformatted", "elements": [_inert(text, limit)]}],
    }


def labelled(label: str, text: str, *, limit: int = QUOTE_MAX) -> Block:
    """`label` in bold, then a person's text that is never parsed."""
    bold = {"type": "text", "text": f"{label} ", "style": {"bold": True}}
    line = {"type": "rich_text_section", "elements": [bold, _inert(text, limit)]}
    return {"type": "rich_text", "elements": [line]}


def whole(text: str) -> list[Block]:
    """A person's whole text, in as many blocks as it takes."""
    clean = strip_controls(text)
    chunks = [clean[at : at + _MODAL_TEXT_MAX] for at in range(0, len(clean), _MODAL_TEXT_MAX)]
    return [said(chunk, limit=6 * _MODAL_TEXT_MAX) for chunk in chunks]  # `&` counts five


def _inert(text: str, limit: int) -> Element:
    clipped = clip_plain(text, limit)
    return {"type": "text", "text": clipped if clipped.strip() else "(empty)"}


def is_clipped(text: str, *, limit: int = QUOTE_MAX) -> bool:
    """Whether `said` shows less than the whole text."""
    return clip_plain(text, limit) != strip_controls(text)


def quoted(text: str, limit: int = 120) -> str:
    """A person's text on one line inside our own words."""
    return f"“{clip_escaped(' '.join(text.split()), limit)}”"


def person(user: UserId) -> str:
    return f"<@{user}>"


def called(user: UserId, names: Mapping[UserId, str]) -> str:
    """Name a person; whoever is not among `names` is mentioned, and so notified in a channel."""
    return clip_escaped(names[user], _NAME_MAX) if user in names else person(user)


def people(users: Iterable[UserId]) -> str:
    """`<@U1>, <@U2> and <@U3>`; at most eight by name."""
    return at_most_eight([person(user) for user in users])


def at_most_eight(names: Sequence[str]) -> str:
    """Join the names of people; of more than eight the rest is counted."""
    if len(names) > _NAMES_MAX:
        names = [*names[: _NAMES_MAX - 1], f"{len(names) - _NAMES_MAX + 1} more"]
    return listed(names)


def day(value: date) -> str:
    return f"{day_in_words(value)} {value.year}"


def moment(value: datetime) -> str:
    """A moment in the reader's own zone; the words behind the bar are for old clients."""
    fallback = f"{value:%Y-%m-%d %H:%M} UTC"
    return f"<!date^{int(value.timestamp())}^{{date_short_pretty}} at {{time}}|{fallback}>"


def moment_day(value: datetime) -> str:
    return f"<!date^{int(value.timestamp())}^{{date_short_pretty}}|{value:%Y-%m-%d}>"


def link(url: str, label: str) -> str:
    """A link under our own label; an address that could break out of the token is left out."""
    is_safe = url.startswith(("https://", "http://")) and not set(url) & set("<>| \n")
    return f"<{url}|{label}>" if is_safe and len(url) <= _URL_MAX else ""


def button(
    label: str, action_id: str, value: str, *, style: str | None = None, url: str | None = None
) -> Element:
    """A button; `style` is `primary`, `danger` or None."""
    element: Element = {
        "type": "button",
        "text": plain(label, _BUTTON_MAX),
        "action_id": action_id,
        "value": value[:2000],
    }
    if style is not None:
        element["style"] = style
    if url is not None:
        element["url"] = url
    return element


def read_all_button(text: str, action_id: str, value: str, *, limit: int) -> list[Element]:
    """The way to a whole text, where `limit` cut it; else nothing."""
    return [button("Read it all", action_id, value)] if is_clipped(text, limit=limit) else []


def overflow(action_id: str, options: Sequence[Option]) -> Element:
    """The menu behind three dots; Slack allows one to five options."""
    return {"type": "overflow", "action_id": action_id, "options": [_option(o) for o in options]}


def actions(*elements: Element) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _option(option: Option) -> Element:
    value, label = option
    return {"text": plain(label, _OPTION_MAX), "value": value[:150]}


def _input(block_id: str, label: str, element: Element, *, optional: bool, hint: str) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "optional": optional,
        "element": {**element, "action_id": ids.INPUT},
    }
    if hint:
        block["hint"] = plain(hint, 2000)
    return block


def text_input(
    block_id: str,
    label: str,
    *,
    initial: str = "",
    multiline: bool = False,
    optional: bool = False,
    hint: str = "",
    placeholder: str = "",
    max_length: int = TEXT_INPUT_MAX,
) -> Block:
    """A field for text; `initial` is cut to `max_length`, which Slack would refuse otherwise."""
    element: Element = {
        "type": "plain_text_input",
        "multiline": multiline,
        "max_length": max_length,
    }
    if initial:
        element["initial_value"] = initial[:max_length]
    if placeholder:
        element["placeholder"] = plain(placeholder, _PLACEHOLDER_MAX)
    return _input(block_id, label, element, optional=optional, hint=hint)


def select(
    block_id: str,
    label: str,
    options: Sequence[Option],
    *,
    initial: str | None = None,
    optional: bool = False,
    hint: str = "",
) -> Block:
    """A choice of up to 100; `initial` is the value that is chosen at first."""
    element: Element = {"type": "static_select", "options": [_option(o) for o in options[:100]]}
    chosen = next((option for option in options[:100] if option[0] == initial), None)
    if chosen is not None:
        element["initial_option"] = _option(chosen)
    return _input(block_id, label, element, optional=optional, hint=hint)


def user_select(
    block_id: str,
    label: str,
    *,
    initial: UserId | None = None,
    optional: bool = False,
    hint: str = "",
) -> Block:
    element: Element = {"type": "users_select"}
    if initial is not None:
        element["initial_user"] = initial
    return _input(block_id, label, element, optional=optional, hint=hint)


def users_select(
    block_id: str,
    label: str,
    *,
    initial: Sequence[UserId] = (),
    optional: bool = False,
    hint: str = "",
) -> Block:
    element: Element = {"type": "multi_users_select"}
    if initial:
        element["initial_users"] = list(initial)
    return _input(block_id, label, element, optional=optional, hint=hint)


def date_input(
    block_id: str,
    label: str,
    *,
    initial: date | None = None,
    optional: bool = False,
    hint: str = "",
) -> Block:
    element: Element = {"type": "datepicker"}
    if initial is not None:
        element["initial_date"] = initial.isoformat()
    return _input(block_id, label, element, optional=optional, hint=hint)


def time_input(block_id: str, label: str, *, initial: time, hint: str = "") -> Block:
    element: Element = {"type": "timepicker", "initial_time": f"{initial:%H:%M}"}
    return _input(block_id, label, element, optional=False, hint=hint)


def checkboxes(
    block_id: str,
    label: str,
    options: Sequence[Option],
    *,
    initial: Iterable[str] = (),
    optional: bool = False,
    hint: str = "",
) -> Block:
    """Up to ten boxes; `initial` are the values that are ticked at first."""
    element: Element = {"type": "checkboxes", "options": [_option(o) for o in options]}
    wanted = set(initial)
    ticked = [_option(option) for option in options if option[0] in wanted]
    if ticked:
        element["initial_options"] = ticked
    return _input(block_id, label, element, optional=optional, hint=hint)


def modal(
    title: str,
    blocks: Sequence[Block],
    *,
    callback_id: str = ids.NOTICE,
    submit: str | None = None,
    metadata: str = "",
) -> View:
    """A modal; without `submit` it can only be closed."""
    view: View = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, TITLE_MAX),
        "close": plain("Close" if submit is None else "Cancel", TITLE_MAX),
        "private_metadata": metadata,
        "blocks": list(blocks[:MODAL_BLOCKS_MAX]),
    }
    if submit is not None:
        view["submit"] = plain(submit, TITLE_MAX)
    return view


def notice(title: str, text: str) -> View:
    """A modal that says one thing; nothing in it is parsed."""
    return modal(title, [sentence(text)])


def message(text: str, blocks: Sequence[Block]) -> Message:
    """A message; `text` is what notifications and screen readers say, already escaped."""
    return {"text": text[:_FALLBACK_MAX], "blocks": list(blocks[:MESSAGE_BLOCKS_MAX])}
