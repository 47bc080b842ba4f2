"""What somebody types is logged, refused with a sentence, or still there after a failure."""

import asyncio
import json
from typing import Any

import pytest
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError
from bot.domain.permission import OPERATOR
from bot.slack import form, ids
from bot.store import draft as drafts
from bot.usecases.assumption_show import show_assumption
from bot.usecases.draft import keep_draft
from bot.usecases.project import projects_of
from bot.usecases.setback import get_setback
from tests.make import ANA, BO, CY, HOME, NOON, WORKSPACE, key
from tests.slack.conftest import Wire, text_of

LINE = "The payments API is live by March | ask <@U2BO|bo>"
PERSON_ANA = {"user": {"id": ANA, "team_id": WORKSPACE}}


async def keep(wire: Wire, text: str) -> str:
    """Keep a text as a form does; return the form's hidden field."""
    draft_id = await wire.db.inner.write(
        keep_draft, WORKSPACE, by=ANA, text=text, channel=HOME, now=NOON
    )
    return form.pack(d=draft_id, c=HOME)


async def keep_form(wire: Wire) -> str:
    values = {
        ids.STATEMENT: {ids.INPUT: {"value": "Payments API live in March"}},
        ids.ASKED: {ids.INPUT: {"selected_users": [CY]}},
    }
    return await keep(wire, json.dumps({"values": values, "facts": {"p": "APOLLO", "c": HOME}}))


def submission(callback_id: str, metadata: str, **values: str) -> dict[str, Any]:
    return {
        "type": "view_submission",
        "team": {"id": WORKSPACE},
        "trigger_id": "1.once.t",
        "view": {
            "id": "VONCE",
            "hash": "h",
            "callback_id": callback_id,
            "private_metadata": metadata,
            "state": {"values": {block: {"value": {"value": v}} for block, v in values.items()}},
        },
    } | PERSON_ANA


def kept_texts(tx: Connection, metadata: str) -> str | None:
    return drafts.get(tx, WORKSPACE, form.unpack(metadata)["d"], by=ANA)


async def statement_of(wire: Wire, number: int = 1) -> str:
    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(number), reader=OPERATOR)
    return shown.assumption.statement


@pytest.mark.parametrize("name", ["/assume", "/stilltrue"])
@pytest.mark.parametrize(
    ("word", "told"), [("import", "stilltrue import FILE"), ("Export", "stilltrue export FOLDER")]
)
async def test_a_word_of_the_command_line_alone_says_where_it_is_typed(
    wire: Wire, name: str, word: str, told: str
) -> None:
    await wire.start_project()

    reply = await wire.command(word, name=name)

    assert reply["response_type"] == "ephemeral"
    assert told in reply["text"]
    await wire.app.tools.tasks.drain()
    assert "views.open" not in text_of(await wire.seen("traffic"))


async def test_a_statement_may_begin_with_a_word_of_the_command_line(wire: Wire) -> None:
    await wire.start_project()

    await wire.command("import duties stay at 4 % | impact:low")

    assert await statement_of(wire) == "import duties stay at 4 %"


async def test_a_negative_cost_is_said_and_nothing_is_recorded(wire: Wire) -> None:
    await wire.start_project()

    reply = await wire.command("delay -3d waiting for the API", name="/setback")

    assert "I read “-3d” as one" in text_of(reply)
    with pytest.raises(NotFoundError):
        await wire.db.inner.read(get_setback, WORKSPACE, 1, reader=OPERATOR)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ("by 2046-03-03", "2046-03-03 is too far away. Name a day within ten years."),
        (f"tag:{','.join('abcdefghijk')}", "Give at most 10 tags, not 11."),
        (f"service:{'x' * 51}", "Keep each of the services under 51 characters"),
    ],
)
async def test_what_no_log_needs_is_refused_with_a_sentence(
    wire: Wire, options: str, told: str
) -> None:
    await wire.start_project()

    reply = await wire.command(f"{LINE} {options}")

    assert told in text_of(reply)
    with pytest.raises(NotFoundError):
        await statement_of(wire)


async def test_a_kept_form_is_still_there_after_slack_was_away(wire: Wire) -> None:
    await wire.start_project()
    metadata = await keep_form(wire)
    await wire.directory.member(WORKSPACE, ANA)
    await wire.fault(method="users.info", kind="5xx", times=1)

    told = await wire.submit(ids.LOG_ANYWAY, {}, metadata=metadata)
    again = await wire.submit(ids.LOG_ANYWAY, {}, metadata=metadata)

    assert "Try again in a minute" in text_of(told)
    assert again == {"response_action": "clear"}
    assert await statement_of(wire) == "Payments API live in March"
    assert await wire.db.inner.read(kept_texts, metadata) is None


async def test_who_could_not_join_may_press_it_again(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    metadata = await keep_form(wire)
    view = {"id": "V1", "type": "modal", "private_metadata": metadata}
    await wire.fault(method="users.info", kind="5xx", times=1)

    await wire.deliver(wire.click_payload(ids.JOIN, str(key()), view=view, **PERSON_ANA))
    stayed = await wire.db.inner.read(kept_texts, metadata)
    await wire.deliver(wire.click_payload(ids.JOIN, str(key()), view=view, **PERSON_ANA))

    assert stayed is not None
    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)
    assert [person.user for person in shown.assumption.stakeholders] == [BO, CY]
    assert await wire.db.inner.read(kept_texts, metadata) is None


async def test_a_kept_form_that_comes_twice_is_logged_once_and_nobody_is_told(wire: Wire) -> None:
    await wire.start_project()
    payload = submission(ids.LOG_ANYWAY, await keep_form(wire))

    await asyncio.gather(wire.deliver(payload), wire.deliver(payload))
    third = await wire.deliver(payload)

    assert third.body == ""
    assert await statement_of(wire) == "Payments API live in March"
    with pytest.raises(NotFoundError):
        await statement_of(wire, 2)


async def test_a_project_that_comes_twice_is_started_once_with_its_line(wire: Wire) -> None:
    payload = submission(
        ids.START_PROJECT, await keep(wire, LINE), **{ids.KEY: "APOLLO", ids.NAME: "Apollo"}
    )

    answers = [await wire.deliver(payload) for _ in range(2)]

    assert [answer.body for answer in answers] == ["", ""]
    assert len(await wire.db.inner.read(projects_of, WORKSPACE, reader=OPERATOR)) == 1
    assert await statement_of(wire) == "The payments API is live by March"
    with pytest.raises(NotFoundError):
        await statement_of(wire, 2)


async def test_the_line_that_waited_for_a_project_is_in_the_form_if_slack_is_away(
    wire: Wire,
) -> None:
    await wire.directory.member(WORKSPACE, ANA)
    await wire.fault(method="users.info", kind="5xx", times=1)
    metadata = await keep(wire, "The payments API is live | ask <@U3CY|cy>")

    page = await wire.submit(ids.START_PROJECT, {ids.KEY: "APOLLO"}, metadata=metadata)

    assert page["response_action"] == "update"
    assert "The payments API is live" in text_of(page)
    assert "Try again in a minute" in text_of(page)


async def test_a_command_that_comes_twice_opens_one_form_for_its_project(wire: Wire) -> None:
    payload = wire.command_payload("The payments API is live")

    for _ in range(2):
        await wire.deliver(payload)
    await wire.app.tools.tasks.drain()

    names = [entry["name"] for entry in (await wire.seen("traffic"))["entries"]]
    assert [name for name in names if name.startswith("views.")] == ["views.open"]
