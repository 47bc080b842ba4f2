"""What a message may hold, wherever it comes from: a Web API call, a response_url, an ack."""

import json
from collections.abc import Mapping
from typing import Any

from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.kit.message import message_problems
from bot.sandbox.kit.names import name_blocks
from bot.sandbox.model import Json
from bot.sandbox.text import stored

LONGEST_TEXT = 40_000
LONGEST_MARKDOWN = 12_000
MOST_ATTACHMENTS = 100
LARGEST_METADATA = 16_384
"""Slack leaves this figure open; the bot should stay far below."""


def parse_json(value: Any, otherwise: str) -> Any:
    """Lists and objects arrive as they are in JSON bodies, and as JSON texts in forms."""
    if not isinstance(value, str):
        return value
    try:
        return read_json(value) if value else None
    except ValueError:
        raise SlackError(otherwise) from None


def read_json(text: str | bytes) -> Any:
    """Read JSON from outside.

    Raises:
        ValueError: It is none, or holds half a surrogate pair, which no later answer could carry.
    """
    value = json.loads(text)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def read_content(arguments: Mapping[str, Any]) -> Json:
    """Return the checked `text`, `blocks`, `attachments` and `metadata` of a message.

    Raises:
        SlackError: no_text, invalid_blocks, invalid_blocks_format, too_many_attachments,
            markdown_text_conflict, msg_too_long, invalid_metadata_format, metadata_too_large.
    """
    text = str(arguments.get("text") or "")
    markdown = arguments.get("markdown_text")
    blocks = parse_json(arguments.get("blocks"), "invalid_blocks_format") or []
    attachments = parse_json(arguments.get("attachments"), "invalid_attachments") or []
    if markdown:
        text, blocks = _markdown(str(markdown), text, blocks)
    if not text and not blocks and not attachments:
        raise SlackError("no_text")
    return {
        "text": stored(text[:LONGEST_TEXT]),
        "blocks": checked_blocks(blocks),
        "attachments": _attachments(attachments),
        "metadata": _metadata(arguments.get("metadata")),
    }


def checked_blocks(blocks: Any) -> list[Json]:
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    problems = message_problems(blocks)
    if problems:
        raise InvalidBlocksError("invalid_blocks", problems)
    return name_blocks(blocks)


def _markdown(markdown: str, text: str, blocks: Any) -> tuple[str, list[Json]]:
    if text or blocks:
        raise SlackError("markdown_text_conflict")
    if len(markdown) > LONGEST_MARKDOWN:
        raise SlackError("msg_too_long")
    return markdown, [{"type": "markdown", "text": markdown}]


def _attachments(attachments: Any) -> list[Json]:
    if not isinstance(attachments, list):
        raise SlackError("invalid_attachments")
    if len(attachments) > MOST_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    numbered = []
    for number, attachment in enumerate(attachments, start=1):
        blocks = attachment.get("blocks")
        checked = {"blocks": checked_blocks(blocks)} if blocks else {}
        numbered.append({"id": number, **attachment, **checked})
    return numbered


def _metadata(value: Any) -> Json | None:
    metadata = parse_json(value, "invalid_metadata_format")
    if not metadata:
        return None
    payload = metadata.get("event_payload") if isinstance(metadata, dict) else None
    if not isinstance(payload, dict) or not metadata.get("event_type"):
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(payload)) > LARGEST_METADATA:
        raise SlackError("metadata_too_large")
    return {"event_type": metadata["event_type"], "event_payload": payload}
