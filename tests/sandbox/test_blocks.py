"""Each limit of Block Kit: the largest value is taken, one more is refused at its place."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.kit.message import message_problems
from bot.sandbox.kit.names import name_blocks
from bot.sandbox.kit.view import check_view, view_problems
from tests.sandbox.conftest import Stage

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    return {"type": "mrkdwn", "text": text}


def section(**fields: Any) -> Block:
    return {"type": "section", "text": mrkdwn("x"), **fields}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def button(**fields: Any) -> Block:
    return {"type": "button", "text": plain("x"), **fields}


def option(value: str = "v", **fields: Any) -> Block:
    return {"text": plain("x"), "value": value, **fields}


def options(count: int) -> list[Block]:
    return [option(str(number)) for number in range(count)]


def select(**fields: Any) -> Block:
    return {"type": "static_select", "options": options(2), **fields}


def field(element: Block, **fields: Any) -> Block:
    return {"type": "input", "label": plain("x"), "element": element, **fields}


def text_input(**fields: Any) -> Block:
    return {"type": "plain_text_input", **fields}


def confirm(**fields: Any) -> Block:
    parts = {key: plain("x") for key in ("title", "text", "confirm", "deny")}
    return button(confirm=parts | fields)


def picture(**fields: Any) -> Block:
    return {"type": "image", "image_url": "https://x.y/z.png", "alt_text": "x", **fields}


def rich(*elements: Block) -> Block:
    inner = {"type": "rich_text_section", "elements": list(elements)}
    return {"type": "rich_text", "elements": [inner]}


def table(rows: int, columns: int, text: str = "x") -> Block:
    row = [{"type": "raw_text", "text": text}] * columns
    return {"type": "table", "rows": [row] * rows}


def modal(*blocks: Block, **fields: Any) -> Block:
    return {"type": "modal", "title": plain("x"), "submit": plain("x"), "blocks": list(blocks)} | (
        fields
    )


Build = Callable[[int], Block]
# {name: (largest, block of that size, where one more is refused)}
LIMITS: dict[str, tuple[int, Build, str]] = {
    "section text": (3000, lambda n: section(text=mrkdwn("x" * n)), "/text/text"),
    "section fields": (10, lambda n: section(fields=[mrkdwn("x")] * n), "/fields"),
    "section field": (2000, lambda n: section(fields=[plain("x" * n)]), "/fields/0/text"),
    "header": (150, lambda n: {"type": "header", "text": plain("x" * n)}, "/text/text"),
    "block_id": (255, lambda n: section(block_id="x" * n), "/block_id"),
    "action_id": (255, lambda n: actions(button(action_id="x" * n)), "/elements/0/action_id"),
    "actions": (25, lambda n: actions(*[button()] * n), "/elements"),
    "context": (10, lambda n: {"type": "context", "elements": [plain("x")] * n}, "/elements"),
    "button text": (75, lambda n: actions(button(text=plain("x" * n))), "/elements/0/text/text"),
    "button value": (2000, lambda n: actions(button(value="x" * n)), "/elements/0/value"),
    "button url": (3000, lambda n: actions(button(url="x" * n)), "/elements/0/url"),
    "button label": (
        75,
        lambda n: actions(button(accessibility_label="x" * n)),
        "/elements/0/accessibility_label",
    ),
    "option text": (
        75,
        lambda n: actions(select(options=[option(text=plain("x" * n))])),
        "/elements/0/options/0/text/text",
    ),
    "option value": (
        150,
        lambda n: actions(select(options=[option("x" * n)])),
        "/elements/0/options/0/value",
    ),
    "option description": (
        75,
        lambda n: actions(select(options=[option(description=plain("x" * n))])),
        "/elements/0/options/0/description/text",
    ),
    "options": (100, lambda n: actions(select(options=options(n))), "/elements/0/options"),
    "option groups": (
        100,
        lambda n: actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain("x"), "options": options(1)}] * n,
            }
        ),
        "/elements/0/option_groups",
    ),
    "group label": (
        75,
        lambda n: actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain("x" * n), "options": options(1)}],
            }
        ),
        "/elements/0/option_groups/0/label/text",
    ),
    "checkboxes": (
        10,
        lambda n: actions({"type": "checkboxes", "options": options(n)}),
        "/elements/0/options",
    ),
    "radio buttons": (
        10,
        lambda n: actions({"type": "radio_buttons", "options": options(n)}),
        "/elements/0/options",
    ),
    "overflow": (
        5,
        lambda n: actions({"type": "overflow", "options": options(n)}),
        "/elements/0/options",
    ),
    "placeholder": (
        150,
        lambda n: actions(select(placeholder=plain("x" * n))),
        "/elements/0/placeholder/text",
    ),
    "confirm title": (
        100,
        lambda n: actions(confirm(title=plain("x" * n))),
        "/elements/0/confirm/title/text",
    ),
    "confirm text": (
        300,
        lambda n: actions(confirm(text=mrkdwn("x" * n))),
        "/elements/0/confirm/text/text",
    ),
    "confirm button": (
        30,
        lambda n: actions(confirm(confirm=plain("x" * n))),
        "/elements/0/confirm/confirm/text",
    ),
    "deny button": (
        30,
        lambda n: actions(confirm(deny=plain("x" * n))),
        "/elements/0/confirm/deny/text",
    ),
    "input label": (2000, lambda n: field(text_input(), label=plain("x" * n)), "/label/text"),
    "input hint": (2000, lambda n: field(text_input(), hint=plain("x" * n)), "/hint/text"),
    "max_length": (3000, lambda n: field(text_input(max_length=n)), "/element/max_length"),
    "min_length": (3000, lambda n: field(text_input(min_length=n)), "/element/min_length"),
    "initial value": (
        3000,
        lambda n: field(text_input(initial_value="x" * n)),
        "/element/initial_value",
    ),
    "image url": (3000, lambda n: picture(image_url="x" * n), "/image_url"),
    "image alt": (2000, lambda n: picture(alt_text="x" * n), "/alt_text"),
    "image title": (2000, lambda n: picture(title=plain("x" * n)), "/title/text"),
    "markdown": (12_000, lambda n: {"type": "markdown", "text": "x" * n}, "/text"),
    "table rows": (100, lambda n: table(n, 1), "/rows"),
    "table columns": (20, lambda n: table(1, n), "/rows/0/cells"),
    "card title": (150, lambda n: {"type": "card", "title": plain("x" * n)}, "/title/text"),
    "card body": (200, lambda n: {"type": "card", "body": mrkdwn("x" * n)}, "/body/text"),
    "carousel": (10, lambda n: {"type": "carousel", "elements": [{"type": "card"}] * n}, ""),
    "container": (
        10,
        lambda n: {"type": "container", "child_blocks": [{"type": "divider"}] * n},
        "/child_blocks",
    ),
    "context actions": (
        5,
        lambda n: {
            "type": "context_actions",
            "elements": [{"type": "icon_button", "icon": "trash", "text": plain("x")}] * n,
        },
        "/elements",
    ),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_holds_exactly(name: str) -> None:
    largest, build, place = LIMITS[name]

    assert message_problems([build(largest)]) == []
    refused = message_problems([build(largest + 1)])
    assert refused
    assert f"[json-pointer:/blocks/0{place}" in refused[0]


def test_a_message_takes_fifty_blocks() -> None:
    divider = {"type": "divider"}

    assert message_problems([divider] * 50) == []
    assert message_problems([divider] * 51) == [
        "[ERROR] no more than 50 items allowed [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize("surface", ["modal", "home"])
def test_a_view_takes_a_hundred_blocks(surface: str) -> None:
    def view(count: int) -> Block:
        blocks = [{"type": "divider"}] * count
        return modal(*blocks) if surface == "modal" else {"type": "home", "blocks": blocks}

    assert view_problems(view(100), surface) == []
    assert "no more than 100 items" in view_problems(view(101), surface)[0]


def test_text_is_counted_after_escaping() -> None:
    assert message_problems([section(text=mrkdwn("&" * 600))]) == []
    assert message_problems([section(text=mrkdwn("&" * 601))])
    assert message_problems([section(text=mrkdwn("&amp;" * 600))]) == []
    assert message_problems([{"type": "header", "text": plain("<" * 38)}])


def test_markdown_and_tables_are_counted_over_the_whole_message() -> None:
    half = {"type": "markdown", "text": "x" * 6001}

    assert "12001" in message_problems([half, half])[0]
    assert "10001" in message_problems([table(10, 10, "x" * 101)])[0]


WRONG: dict[str, tuple[Block, str]] = {
    "no type": ({}, "missing required field: type"),
    "unknown type": ({"type": "sparkle"}, "unsupported type: sparkle"),
    "section without text": ({"type": "section"}, "missing required field: text"),
    "empty text": (section(text=mrkdwn("")), "must be more than 0 characters"),
    "mrkdwn header": ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    "empty actions": (actions(), "no fewer than 1 items"),
    "input in actions": (actions(text_input()), "unsupported type: plain_text_input"),
    "input as accessory": (section(accessory=text_input()), "unsupported type"),
    "button in input": (field(button()), "unsupported type: button"),
    "no label": ({"type": "input", "element": text_input()}, "missing required field: label"),
    "no element": ({"type": "input", "label": plain("x")}, "missing required field: element"),
    "no options": (actions({"type": "static_select"}), "missing required field: options"),
    "empty options": (actions(select(options=[])), "no fewer than 1 items"),
    "same option twice": (actions(select(options=options(1) * 2)), "must be unique"),
    "both kinds of options": (
        actions(select(option_groups=[{"label": plain("x"), "options": options(1)}])),
        "cannot be used together",
    ),
    "foreign initial option": (actions(select(initial_option=option("z"))), "must match"),
    "url in a select": (actions(select(options=[option(url="https://x")])), "url is only"),
    "no number kind": (field({"type": "number_input"}), "is_decimal_allowed"),
    "style": (actions(button(style="purple")), "must be one of primary, danger"),
    "shared action_id": (actions(button(action_id="a"), button(action_id="a")), "must be unique"),
    "min above max": (field(text_input(min_length=9, max_length=3)), "greater than max_length"),
    "image without alt": ({"type": "image", "image_url": "x"}, "alt_text"),
    "image without source": ({"type": "image", "alt_text": "x"}, "image_url"),
    "response_url in a message": (
        actions({"type": "channels_select", "response_url_enabled": True}),
        "only allowed in a modal",
    ),
    "unknown rich element": (rich({"type": "sparkle"}), "unsupported type: sparkle"),
    "rich without text": (rich({"type": "text"}), "missing required field: text"),
    "rich empty text": (rich({"type": "text", "text": ""}), "more than 0"),
    "rich broadcast": (rich({"type": "broadcast", "range": "all"}), "must be one of"),
    "rich without parts": ({"type": "rich_text"}, "missing required field: elements"),
    "table cell": ({"type": "table", "rows": [[{"type": "image"}]]}, "unsupported type: image"),
    "not an object": (section(accessory="x"), "must be an object"),
    "confirm without deny": (actions(button(confirm={"title": plain("x")})), "missing"),
    "alert level": ({"type": "alert", "text": plain("x"), "level": "loud"}, "must be one of"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_block_kit_is_refused_with_its_reason(name: str) -> None:
    block, reason = WRONG[name]

    assert any(reason in problem for problem in message_problems([block]))


def test_two_blocks_may_not_share_a_block_id() -> None:
    twice = [section(block_id="a"), section(block_id="a")]

    assert "must be unique" in message_problems(twice)[0]


@pytest.mark.parametrize(
    "block",
    [
        rich(
            {"type": "text", "text": "x", "style": {"bold": True}},
            {"type": "user", "user_id": "U1"},
            {"type": "link", "url": "https://x.y"},
            {"type": "emoji", "name": "wave"},
        ),
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_list",
                    "style": "bullet",
                    "elements": [{"type": "rich_text_section", "elements": []}],
                },
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "x"}],
                },
            ],
        },
        actions(
            {"type": "multi_users_select"},
            {"type": "datetimepicker"},
            {"type": "external_select", "min_query_length": 0},
        ),
        {"type": "context", "elements": [picture(), mrkdwn("x")]},
        field({"type": "file_input", "max_files": 10}),
    ],
)
def test_good_blocks_are_taken(block: Block) -> None:
    assert message_problems([block]) == []


@pytest.mark.parametrize(
    ("view", "place"),
    [
        (modal(title=plain("x" * 25)), "/view/title/text"),
        (modal(submit=plain("x" * 25)), "/view/submit/text"),
        (modal(close=plain("x" * 25)), "/view/close/text"),
        (modal(private_metadata="x" * 3001), "/view/private_metadata"),
        (modal(callback_id="x" * 256), "/view/callback_id"),
        (modal(external_id="x" * 256), "/view/external_id"),
        (modal(title=mrkdwn("x")), "/view/title/type"),
        (modal(field(text_input()), submit=None), "missing required field: submit"),
        ({"type": "modal", "blocks": []}, "missing required field: title"),
        ({"type": "modal", "title": plain("x")}, "missing required field: blocks"),
        (modal({"type": "markdown", "text": "x"}), "unsupported type: markdown"),
        (modal(table(1, 1)), "unsupported type: table"),
        (
            modal(field(text_input(focus_on_load=True)), field(text_input(focus_on_load=True))),
            "focused on load",
        ),
    ],
)
def test_a_modal_that_slack_refuses_is_refused(view: Block, place: str) -> None:
    with pytest.raises(InvalidBlocksError) as caught:
        check_view(view, "modal")

    assert caught.value.code == "invalid_arguments"
    assert any(place in message for message in caught.value.messages)


def test_a_modal_at_its_limits_is_taken() -> None:
    full = modal(
        field(text_input()),
        title=plain("x" * 24),
        submit=plain("x" * 24),
        close=plain("x" * 24),
        private_metadata="x" * 3000,
        callback_id="x" * 255,
    )

    check_view(full, "modal")


def test_a_view_of_more_than_250_kilobytes_is_too_large() -> None:
    with pytest.raises(SlackError) as caught:
        check_view(modal(*[section(text=mrkdwn("x" * 2900))] * 90), "modal")

    assert caught.value.code == "view_too_large"


def test_a_home_takes_no_title() -> None:
    home = {"type": "home", "blocks": [], "title": plain("x")}

    assert "takes no title" in view_problems(home, "home")[0]


def test_missing_ids_are_generated_and_given_ones_stay() -> None:
    given = [actions(button(), button(action_id="mine")), section(block_id="kept")]

    named = name_blocks(given)

    assert named[0]["block_id"]
    assert named[0]["elements"][0]["action_id"]
    assert named[0]["elements"][1]["action_id"] == "mine"
    assert named[1]["block_id"] == "kept"
    assert "block_id" not in given[0]


async def test_the_wire_answers_invalid_blocks_with_the_places(stage: Stage) -> None:
    wrong = [{"type": "header", "text": plain("x" * 151)}]

    answer = await stage.api("chat.postMessage", {"channel": "C0APOLLO", "blocks": wrong})

    assert answer["error"] == "invalid_blocks"
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    ]
