"""Text between Slack and people: decoded once on the way in, never parsed on the way out."""

import re
from collections.abc import Callable

from bot.domain.text import strip_controls

_TOKEN = re.compile(r"<([@#!]?)([^<>|]*)(?:\|([^<>]*))?>")
_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^<>]*)?>")
_FORMATTING = str.maketrans({mark: mark + "\u200b" for mark in "*_~`"})


def decode(text: str) -> str:
    """Return what a person typed, from the text of a command or a message.

    Slack's tokens become what they look like (`<@U1|bob>` is `@bob`), and its three escapes
    become characters; what was typed as `<!channel>` arrives escaped, so it stays as typed.
    """
    return unescape(_TOKEN.sub(_as_seen, text))


def unescape(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _as_seen(token: re.Match[str]) -> str:
    sign, body, label = token.groups()
    if sign in {"@", "#"}:
        return f"{sign}{label or body}"
    if sign == "!":
        return label or f"@{body.partition('^')[0]}"
    if body.startswith("mailto:"):
        return label or body.removeprefix("mailto:")
    return str(body)


def mentioned_users(text: str) -> list[str]:
    """Return the ids of the people mentioned in an undecoded text, in order, each once."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def escape(text: str) -> str:
    """Make `text` safe inside mrkdwn: nothing in it is a mention, a link or a format."""
    return _with_entities(strip_controls(text)).translate(_FORMATTING)


def _with_entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def clip_escaped(text: str, limit: int) -> str:
    """Escape `text` and cut it, with an ellipsis, so that `limit` holds after escaping."""
    return escape(_prefix(text, limit, escape))


def clip_plain(text: str, limit: int) -> str:
    """Cut `text` for a carrier that parses nothing; Slack still counts it as it is escaped."""
    return _prefix(strip_controls(text), limit, _with_entities)


def _prefix(text: str, limit: int, escaped: Callable[[str], str]) -> str:
    """Return `text`, or its longest beginning with an ellipsis, that fits once escaped."""
    if len(escaped(text)) <= limit:
        return text
    low, high = 0, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        if len(escaped(text[:middle])) < limit:
            low = middle
        else:
            high = middle - 1
    return text[:low] + "…"
