"""Slack's message text: three escapes, and `<…>` for mentions and links."""

import re
from collections.abc import Callable, Mapping
from typing import Any

ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")
SPECIAL = re.compile(
    r"<(?:@[UWB][A-Z0-9]+|#[CDG][A-Z0-9]+|!subteam\^S[A-Z0-9]+|!here|!channel|!everyone"
    r"|!date\^\d+\^[^<>]*?|(?:https?://|mailto:|tel:)[^\s<>|]+)(?:\|[^<>]*)?>"
)
TYPED = re.compile(
    r"(?P<url>https?://[^\s<>|]+)|(?<![\w@])@(?P<at>[\w][\w.\-]*)|(?<![\w#])#(?P<hash>[\w\-]+)"
)
BROADCASTS = ("here", "channel", "everyone")


def escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def stored(text: str) -> str:
    """What Slack keeps of a text that an app sent: escapes that were forgotten are put in."""
    return _around(SPECIAL, text, _escape_rest, lambda match: match.group())


def counted(text: str, *, mrkdwn: bool) -> int:
    """How long a text is to Slack, which counts after escaping: `&` is five characters."""
    return len(stored(text)) if mrkdwn else len(_escape_rest(text))


def typed_message(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """What a person typed, as Slack stores it; `people` and `channels` are {name: id}."""
    return _typed(text, people, channels, with_names=False)


def typed_command(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """What follows a slash command whose `should_escape` is on."""
    return _typed(text, people, channels, with_names=True)


def rich_text(text: str, block_id: str) -> dict[str, Any]:
    """The rich_text block that Slack makes of a stored text; formatting marks stay as typed."""
    elements: list[dict[str, Any]] = []

    def plain(part: str) -> str:
        if part:
            elements.append({"type": "text", "text": unescape(part)})
        return ""

    def special(match: re.Match[str]) -> str:
        elements.append(_rich_element(match.group()[1:-1]))
        return ""

    _around(SPECIAL, text, plain, special)
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}


def _rich_element(inner: str) -> dict[str, Any]:
    target, _, label = inner.partition("|")
    match target[0]:
        case "@":
            return {"type": "user", "user_id": target[1:]}
        case "#":
            return {"type": "channel", "channel_id": target[1:]}
        case "!" if target[1:] in BROADCASTS:
            return {"type": "broadcast", "range": target[1:]}
        case "!":
            return {"type": "text", "text": unescape(label or target)}
        case _:
            link = {"type": "link", "url": unescape(target)}
            return {**link, "text": unescape(label)} if label else link


def _escape_rest(text: str) -> str:
    return ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")


def _typed(
    text: str, people: Mapping[str, str], channels: Mapping[str, str], *, with_names: bool
) -> str:
    def special(match: re.Match[str]) -> str:
        if match["url"]:
            return f"<{escape(match['url'])}>"
        if match["hash"]:
            name = match["hash"]
            return _mention("#", name, channels, with_names=with_names)
        # a full stop or comma after a name ends the sentence, not the name
        name = match["at"].rstrip(".-_") or match["at"]
        tail = match["at"][len(name) :]
        if name in BROADCASTS and not with_names:
            return f"<!{name}>{tail}"
        return _mention("@", name, people, with_names=with_names) + tail

    return _around(TYPED, text, escape, special)


def _mention(sign: str, name: str, ids: Mapping[str, str], *, with_names: bool) -> str:
    target = ids.get(name.lower())
    if target is None:
        return f"{sign}{name}"
    if with_names or sign == "#":
        return f"<{sign}{target}|{name.lower()}>"
    return f"<{sign}{target}>"


def _around(
    pattern: re.Pattern[str],
    text: str,
    plain: Callable[[str], str],
    special: Callable[[re.Match[str]], str],
) -> str:
    parts = []
    end = 0
    for match in pattern.finditer(text):
        parts += [plain(text[end : match.start()]), special(match)]
        end = match.end()
    return "".join([*parts, plain(text[end:])])
