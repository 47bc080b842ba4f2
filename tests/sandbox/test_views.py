from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from tests.sandbox.conftest import Stage

Block = dict[str, Any]


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def field(block_id: str, element: Block, **fields: Any) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain("x"),
        "element": {"action_id": "a", **element},
        **fields,
    }


def modal(*blocks: Block, **fields: Any) -> Block:
    view = {"type": "modal", "title": plain("x"), "submit": plain("Go"), "blocks": list(blocks)}
    return view | {"callback_id": "form"} | fields


TEXT = {"type": "plain_text_input"}
COLOURS = [{"text": plain(name), "value": name} for name in ("red", "blue")]
PEOPLE = {"type": "users_select"}


async def trigger(stage: Stage) -> str:
    await stage.hands.post("compose", channel="C0APOLLO", text="/hello")
    return str(stage.app.last()["trigger_id"])


async def open_view(stage: Stage, view: Block) -> Any:
    opened = await stage.slack.views_open(trigger_id=await trigger(stage), view=view)
    return opened["view"]


async def error_of(call: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def stack(stage: Stage) -> list[str]:
    state = await stage.hands.get("state")
    return [view["id"] for view in state["views"]]


async def test_a_trigger_is_used_once_and_lives_three_seconds(stage: Stage) -> None:
    once = await trigger(stage)
    await stage.slack.views_open(trigger_id=once, view=modal())
    stage.sandbox.world.tickets.trigger_seconds = -1.0
    late = await trigger(stage)

    again = await error_of(stage.slack.views_open(trigger_id=once, view=modal()))
    expired = await error_of(stage.slack.views_open(trigger_id=late, view=modal()))
    unknown = await error_of(stage.slack.views_open(trigger_id="1.2.x", view=modal()))

    assert (again, expired, unknown) == (
        "exchanged_trigger_id",
        "expired_trigger_id",
        "invalid_trigger_id",
    )


async def test_a_view_that_is_refused_leaves_its_trigger_unused(stage: Stage) -> None:
    once = await trigger(stage)

    wrong = await error_of(stage.slack.views_open(trigger_id=once, view=modal(title=plain(""))))
    right = await stage.slack.views_open(trigger_id=once, view=modal())

    assert wrong == "invalid_arguments"
    assert right["ok"]


async def test_a_submission_carries_the_whole_state(stage: Stage) -> None:
    view = await open_view(
        stage,
        modal(
            field("text", TEXT | {"initial_value": "as is"}),
            field("empty", TEXT, optional=True),
            field("colour", {"type": "static_select", "options": COLOURS}),
            field("many", {"type": "checkboxes", "options": COLOURS}, optional=True),
            field("who", PEOPLE),
            field("when", {"type": "datepicker"}),
            {
                "type": "actions",
                "block_id": "beside",
                "elements": [{"type": "users_select", "action_id": "b"}],
            },
            private_metadata="kept",
        ),
    )

    answer = await stage.hands.post(
        "view/submit",
        view_id=view["id"],
        values={
            "colour": {"a": "blue"},
            "who": {"a": "U0BO"},
            "when": {"a": "2026-03-03"},
        },
    )

    assert answer["response_action"] is None
    sent = stage.app.of_type("view_submission")[0]["view"]
    assert sent["private_metadata"] == "kept"
    assert sent["state"]["values"] == {
        "text": {"a": {"type": "plain_text_input", "value": "as is"}},
        "empty": {"a": {"type": "plain_text_input", "value": None}},
        "colour": {
            "a": {
                "type": "static_select",
                "selected_option": {"text": plain("blue") | {"emoji": True}, "value": "blue"},
            }
        },
        "many": {"a": {"type": "checkboxes", "selected_options": []}},
        "who": {"a": {"type": "users_select", "selected_user": "U0BO"}},
        "when": {"a": {"type": "datepicker", "selected_date": "2026-03-03"}},
        "beside": {"b": {"type": "users_select", "selected_user": None}},
    }
    assert await stack(stage) == []


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        (TEXT, "", "Please complete this required field."),
        (TEXT | {"min_length": 5}, "four", "at least 5"),
        (TEXT | {"max_length": 3}, "four", "at most 3"),
        (TEXT, "x" * 3001, "at most 3000"),
        ({"type": "email_text_input"}, "nobody", "email"),
        ({"type": "url_text_input"}, "nowhere", "URL"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "valid number"),
        (
            {"type": "number_input", "is_decimal_allowed": True, "max_value": "9"},
            "9.5",
            "9 or less",
        ),
    ],
)
async def test_what_slacks_own_form_refuses_never_reaches_the_app(
    stage: Stage, element: Block, value: str, sentence: str
) -> None:
    view = await open_view(stage, modal(field("one", element)))

    answer = await stage.hands.post("view/submit", view_id=view["id"], values={"one": {"a": value}})

    assert answer["response_action"] == "errors"
    assert sentence in answer["errors"]["one"]
    assert stage.app.of_type("view_submission") == []


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ({"type": "static_select", "options": COLOURS}, "green"),
        ({"type": "users_select"}, "U0NOBODY"),
        ({"type": "datepicker"}, "soon"),
        ({"type": "timepicker"}, "25:00"),
        ({"type": "datetimepicker"}, "soon"),
        (
            {"type": "multi_static_select", "options": COLOURS, "max_selected_items": 1},
            ["red", "blue"],
        ),
    ],
)
async def test_a_value_that_the_page_does_not_offer_is_refused(
    stage: Stage, element: Block, value: Any
) -> None:
    view = await open_view(stage, modal(field("one", element)))

    refused = await stage.hands.refused(
        "view/submit", view_id=view["id"], values={"one": {"a": value}}
    )

    assert refused == "bad_value"


async def test_the_app_may_answer_with_errors_and_the_view_stays(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", TEXT)))
    stage.app.answer = lambda body: {"response_action": "errors", "errors": {"one": "No."}}

    answer = await stage.hands.post("view/submit", view_id=view["id"], values={"one": {"a": "x"}})

    assert answer["errors"] == {"one": "No."}
    assert await stack(stage) == [view["id"]]


async def test_errors_under_no_input_are_a_mistake_of_the_app(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", TEXT)))
    stage.app.answer = lambda body: {"response_action": "errors", "errors": {"two": "No."}}

    answer = await stage.hands.post("view/submit", view_id=view["id"], values={"one": {"a": "x"}})

    assert answer["error"] == "invalid_response_errors"


async def test_the_app_may_update_push_and_clear(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", TEXT)))
    answers: list[Block] = [
        {"response_action": "update", "view": modal(title=plain("Second"))},
        {"response_action": "push", "view": modal(title=plain("Above"))},
        {"response_action": "clear"},
    ]
    stage.app.answer = lambda body: answers.pop(0)

    updated = await stage.hands.post("view/submit", view_id=view["id"], values={"one": {"a": "x"}})
    pushed = await stage.hands.post("view/submit", view_id=view["id"], values={})
    both = await stack(stage)
    cleared = await stage.hands.post("view/submit", view_id=pushed["view_id"], values={})

    assert updated["view_id"] == view["id"]
    assert both == [view["id"], pushed["view_id"]]
    top = stage.app.of_type("view_submission")[-1]["view"]
    assert (top["previous_view_id"], top["root_view_id"]) == (view["id"], view["id"])
    assert cleared["response_action"] == "clear"
    assert await stack(stage) == []


async def test_a_view_in_an_answer_is_checked_too(stage: Stage) -> None:
    view = await open_view(stage, modal())
    stage.app.answer = lambda body: {
        "response_action": "update",
        "view": modal(title=plain("x" * 25)),
    }

    answer = await stage.hands.post("view/submit", view_id=view["id"], values={})

    assert answer["error"] == "invalid_arguments"
    assert await stack(stage) == [view["id"]]


async def test_three_views_are_the_most(stage: Stage) -> None:
    press = {"type": "button", "text": plain("x"), "action_id": "b"}
    view = await open_view(stage, modal({"type": "actions", "block_id": "r", "elements": [press]}))

    async def push() -> Any:
        await stage.hands.post("action", view_id=view["id"], block_id="r", action_id="b")
        return stage.slack.views_push(trigger_id=stage.app.last()["trigger_id"], view=modal())

    await (await push())
    await (await push())

    assert await error_of(await push()) == "push_limit_reached"
    assert len(await stack(stage)) == 3


async def test_an_update_keeps_what_was_filled_in_where_the_input_is_still_there(
    stage: Stage,
) -> None:
    view = await open_view(
        stage,
        modal(
            field("one", TEXT, dispatch_action=True),
            field("two", TEXT),
            external_id="form-1",
        ),
    )
    await stage.hands.post(
        "action",
        view_id=view["id"],
        block_id="one",
        action_id="a",
        value="typed",
        state={"two": {"a": "also"}},
    )

    changed = await stage.slack.views_update(
        external_id="form-1",
        view=modal(field("two", TEXT), field("new", TEXT), external_id="form-1"),
    )

    (shown,) = (await stage.hands.get("state"))["views"]
    values = shown["state"]["values"]
    assert changed["view"]["state"]["values"] == {}
    assert values["two"]["a"]["value"] == "also"
    assert values["new"]["a"]["value"] is None
    assert "one" not in values
    action = stage.app.of_type("block_actions")[0]
    assert action["actions"][0]["value"] == "typed"
    assert action["container"] == {"type": "view", "view_id": view["id"]}
    assert "response_url" not in action


async def test_an_old_hash_and_a_taken_external_id_are_conflicts(stage: Stage) -> None:
    view = await open_view(stage, modal(external_id="taken"))

    stale = await error_of(stage.slack.views_update(view_id=view["id"], hash="1.old", view=modal()))
    gone = await error_of(stage.slack.views_update(view_id="V0", view=modal()))
    home = {"type": "home", "blocks": [], "external_id": "taken"}
    taken = await error_of(stage.slack.views_publish(user_id="U0BO", view=home))

    assert (stale, gone, taken) == ("hash_conflict", "not_found", "duplicate_external_id")
    assert (await stage.slack.views_update(view_id=view["id"], hash=view["hash"], view=modal()))[
        "ok"
    ]


async def test_the_app_hears_of_a_closed_view_only_when_it_asked_to(stage: Stage) -> None:
    quiet = await open_view(stage, modal())
    await stage.hands.post("view/close", view_id=quiet["id"])
    silent = stage.app.of_type("view_closed")
    loud = await open_view(stage, modal(notify_on_close=True))
    await stage.hands.post("view/close", view_id=loud["id"])

    assert silent == []
    (closed,) = stage.app.of_type("view_closed")
    assert closed["view"]["id"] == loud["id"]
    assert closed["is_cleared"] is False
    assert "trigger_id" not in closed


async def test_a_home_is_published_read_and_passed_along_when_it_is_opened(
    stage: Stage,
) -> None:
    first = await stage.hands.post("home/open", app_id="A0SAMPLE", tab="home")
    await stage.slack.views_publish(
        user_id="U0ANA", view={"type": "home", "blocks": [{"type": "divider"}]}
    )
    second = await stage.hands.post("home/open", app_id="A0SAMPLE", tab="home")

    before, after = (one["event"] for one in stage.app.of_type("app_home_opened"))
    assert first["view"] is None
    assert "view" not in before
    assert after["view"]["type"] == "home"
    assert after["channel"].startswith("D")
    assert second["view"]["blocks"][0]["type"] == "divider"
    other = await stage.hands.get("home", app_id="A0SAMPLE", user="U0BO")
    assert other["view"] is None


async def test_a_button_in_a_home_is_pressed(stage: Stage) -> None:
    press = {"type": "button", "text": plain("x"), "action_id": "b", "value": "7"}
    await stage.slack.views_publish(
        user_id="U0ANA",
        view={
            "type": "home",
            "blocks": [{"type": "actions", "block_id": "r", "elements": [press]}],
        },
    )

    await stage.hands.post("action", home="A0SAMPLE", block_id="r", action_id="b")

    (pressed,) = stage.app.of_type("block_actions")
    assert pressed["view"]["type"] == "home"
    assert pressed["actions"][0]["value"] == "7"


async def test_an_external_menu_asks_the_app_and_its_choice_is_submitted(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", {"type": "external_select"})))
    stage.app.answer = lambda body: (
        {"options": COLOURS} if body["type"] == "block_suggestion" else None
    )
    menu = {"view_id": view["id"], "block_id": "one", "action_id": "a"}

    short = await stage.hands.post("options", **menu, value="bl")
    loaded = await stage.hands.post("options", **menu, value="blu")
    await stage.hands.post("view/submit", view_id=view["id"], values={"one": {"a": "blue"}})

    assert short["options"] == []
    assert loaded["options"] == COLOURS
    (asked,) = stage.app.of_type("block_suggestion")
    assert (asked["value"], asked["action_id"], asked["block_id"]) == ("blu", "a", "one")
    sent = stage.app.of_type("view_submission")[0]["view"]["state"]["values"]
    assert sent["one"]["a"]["selected_option"]["value"] == "blue"


async def test_more_than_a_hundred_options_are_refused(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", {"type": "external_select"})))
    many = [{"text": plain("x"), "value": str(number)} for number in range(101)]
    stage.app.answer = lambda body: {"options": many}

    answer = await stage.hands.post(
        "options", view_id=view["id"], block_id="one", action_id="a", value="any"
    )

    assert answer["error"] == "invalid_options"


async def test_a_chosen_conversation_comes_with_a_response_url(stage: Stage) -> None:
    chooser = {
        "type": "conversations_select",
        "response_url_enabled": True,
        "default_to_current_conversation": True,
    }
    view = await open_view(stage, modal(field("where", chooser)))

    await stage.hands.post("view/submit", view_id=view["id"], values={})

    (link,) = stage.app.of_type("view_submission")[0]["response_urls"]
    assert (link["channel_id"], link["block_id"]) == ("C0APOLLO", "where")
    async with stage.session.post(link["response_url"], json={"text": "hi"}) as got:
        assert got.status == 200


async def test_values_of_another_shape_are_refused(stage: Stage) -> None:
    view = await open_view(stage, modal(field("one", TEXT)))

    for values in ({"one": "x"}, ["one"], {"two": {"a": "x"}}):
        status, answer = await stage.hands.call(
            "POST", "view/submit", {"as": "U0ANA", "view_id": view["id"], "values": values}
        )
        assert (status, answer["ok"]) == (400, False)


async def test_somebody_elses_form_cannot_be_submitted(stage: Stage) -> None:
    view = await open_view(stage, modal())

    refused = await stage.hands.refused("view/submit", user="U0BO", view_id=view["id"], values={})

    assert refused == "view_not_found"
