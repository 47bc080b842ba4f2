"""Block Kit that the tests show: a message with every block, a form with every element."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(text: str) -> Json:
    return {"text": plain(text), "value": text.lower()}


def options(*texts: str) -> list[Json]:
    return [option(text) for text in texts]


def button(action_id: str, text: str, **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain(text), **more}


def field(block_id: str, kind: str, *, needed: bool = False, **more: Any) -> Json:
    """An input whose element's action_id is the block's id."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id.title()),
        "optional": not needed,
        "element": {"type": kind, "action_id": block_id, **more},
    }


def form(*blocks: Json, **more: Any) -> Json:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": plain("A form"),
        "submit": plain("Send"),
        "blocks": list(blocks),
        **more,
    }


EVERY_FIELD = (
    field("text", "plain_text_input", multiline=True, max_length=40),
    field("number", "number_input", is_decimal_allowed=False, max_value="10"),
    field("mail", "email_text_input"),
    field("link", "url_text_input"),
    field("day", "datepicker", initial_date="2027-03-05"),
    field("time", "timepicker"),
    field("moment", "datetimepicker"),
    field("one", "static_select", options=options("Low", "High")),
    field("several", "multi_static_select", options=options("Api", "Legal", "Data")),
    field("found", "external_select", min_query_length=1),
    field("person", "users_select"),
    field("people", "multi_users_select"),
    field("room", "channels_select"),
    field("talk", "conversations_select"),
    field("radio", "radio_buttons", options=options("Yes", "No")),
    field("boxes", "checkboxes", options=options("First", "Second")),
)

RICH = {
    "type": "rich_text",
    "elements": [
        {
            "type": "rich_text_section",
            "elements": [
                {"type": "text", "text": "loud", "style": {"bold": True}},
                {"type": "text", "text": " *as typed* "},
                {"type": "user", "user_id": "U0BO"},
            ],
        },
        {
            "type": "rich_text_list",
            "style": "ordered",
            "elements": [
                {"type": "rich_text_section", "elements": [{"type": "text", "text": "first"}]},
            ],
        },
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quoted"}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a = 1"}]},
    ],
}

TABLE = {
    "type": "table",
    "rows": [
        [{"type": "raw_text", "text": "Cause"}, {"type": "raw_text", "text": "Days"}],
        [{"type": "raw_text", "text": "Stale"}, {"type": "raw_text", "text": "3"}],
    ],
}

EVERY_BLOCK = [
    {"type": "header", "text": plain("A heading")},
    {
        "type": "section",
        "text": mrkdwn("*bold* and `code` :tada:"),
        "accessory": {
            "type": "overflow",
            "action_id": "more",
            "options": options("Edit", "Retire"),
        },
    },
    {"type": "section", "fields": [mrkdwn("*Owner*\n<@U0ANA>"), mrkdwn("*In*\n<#C0APOLLO>")]},
    {"type": "context", "elements": [mrkdwn("said <!date^1803722400^{date_num} {time}|once>")]},
    {"type": "divider"},
    {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a missing chart"},
    RICH,
    TABLE,
    {"type": "markdown", "text": "## Next\n- **one** thing"},
    {
        "type": "actions",
        "block_id": "answers",
        "elements": [
            button("yes", "Still true", style="primary", value="12"),
            button(
                "no",
                "Not true",
                style="danger",
                confirm={
                    "title": plain("Really?"),
                    "text": plain("Everyone hears of it."),
                    "confirm": plain("Yes"),
                    "deny": plain("No"),
                },
            ),
            {"type": "static_select", "action_id": "pick", "options": options("January", "May")},
            {"type": "datepicker", "action_id": "when"},
        ],
    },
]
