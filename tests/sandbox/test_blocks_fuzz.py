"""Whatever an app sends, the sandbox answers with Slack's words and never with a crash."""

import json
from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.sandbox.errors import InvalidBlocksError, SlackError
from bot.sandbox.kit.elements import RULES as ELEMENTS
from bot.sandbox.kit.layout import RULES as BLOCKS
from bot.sandbox.kit.message import message_problems
from bot.sandbox.kit.names import name_blocks
from bot.sandbox.kit.view import check_view
from bot.sandbox.view_state import initial

KEYS = (
    "type", "text", "elements", "element", "accessory", "options", "option_groups", "label",
    "value", "block_id", "action_id", "fields", "initial_option", "initial_options", "rows",
    "confirm", "title", "style", "min_length", "max_length", "max_selected_items", "hint",
    "placeholder", "child_blocks", "slack_file", "image_url", "alt_text", "source", "level",
    "positive_button", "negative_button", "is_decimal_allowed", "focus_on_load", "url",
)  # fmt: skip
TYPES = st.sampled_from([*BLOCKS, *ELEMENTS, "plain_text", "mrkdwn", "rich_text_section", "text"])
LEAVES = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=5) | TYPES
JSON = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
LIKELY = st.fixed_dictionaries({"type": st.sampled_from(list(BLOCKS))}, optional={
    key: JSON for key in KEYS if key != "type"
})  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(LIKELY | JSON, max_size=4))
def test_blocks_are_judged_and_those_that_are_good_can_be_named(blocks: list[Any]) -> None:
    problems = message_problems(blocks)

    assert all(problem.startswith("[ERROR] ") for problem in problems)
    if not problems:
        named = name_blocks(blocks)
        assert all(block["block_id"] for block in named)
        json.dumps(initial(named))


@settings(max_examples=50, deadline=None)
@given(JSON | st.fixed_dictionaries({"type": st.just("modal"), "title": JSON, "blocks": JSON}))
def test_a_view_is_taken_or_refused(view: Any) -> None:
    with suppress(InvalidBlocksError, SlackError):
        check_view(view, "modal")
        assert view["type"] == "modal"
        assert view["title"]["type"] == "plain_text"
