"""Nothing is posted where another company reads along before the person was told so."""

import pytest

from bot.domain.channel import Channel
from bot.domain.errors import NotFoundError
from bot.domain.ids import ChannelId
from bot.domain.permission import OPERATOR
from bot.slack import form, ids
from bot.usecases.assumption_show import show_assumption
from bot.usecases.channel import describe_channel
from bot.usecases.setback import get_setback
from tests.make import ANA, HOME, NOON, WORKSPACE, key
from tests.slack.conftest import Wire, text_of

WARNING = "People of another company"
LINE = "The payments API is live by March | ask <@U2BO|bo> by 2026-03-27 impact:high tag:api"


async def share(wire: Wire, channel: ChannelId = HOME) -> None:
    """Let another company read along, as Slack says it."""
    shared = Channel(
        workspace=WORKSPACE, id=channel, is_private=False, is_shared=True, seen_at=NOON
    )
    await wire.db.inner.write(describe_channel, shared, now=NOON)


async def opened(wire: Wire) -> str:
    """What Slack was called for once the listeners had ended; a form was opened among it."""
    await wire.app.tools.tasks.drain()
    calls = text_of(await wire.seen("traffic"))
    assert "views.open" in calls
    return calls


async def is_logged(wire: Wire) -> bool:
    try:
        await wire.db.inner.read(show_assumption, WORKSPACE, key(1), reader=OPERATOR)
    except NotFoundError:
        return False
    return True


async def is_recorded(wire: Wire) -> bool:
    try:
        await wire.db.inner.read(get_setback, WORKSPACE, 1, reader=OPERATOR)
    except NotFoundError:
        return False
    return True


async def test_a_line_opens_the_form_filled_in_where_another_company_reads_along(
    wire: Wire,
) -> None:
    await wire.start_project()
    await share(wire)

    assert await wire.command(LINE) == {}

    shown = await opened(wire)
    assert WARNING in shown
    assert all(word in shown for word in ("payments API is live", "U2BO", "2026-03-27", "api"))
    assert not await is_logged(wire)


async def test_a_line_longer_than_the_form_is_refused_there(wire: Wire) -> None:
    await wire.start_project()
    await share(wire)

    await wire.command(f"{'long ' * 700}| impact:low")

    await wire.app.tools.tasks.drain()
    assert "Say it in fewer" in text_of(await wire.seen("traffic"))
    assert not await is_logged(wire)


async def test_a_setback_in_one_line_waits_for_the_person_too(wire: Wire) -> None:
    await wire.start_project()
    await share(wire)

    assert await wire.command("delay 3d waiting for the API", name="/setback") == {}

    shown = await opened(wire)
    assert WARNING in shown
    assert "waiting for the API" in shown
    assert not await is_recorded(wire)


async def test_a_channel_shared_while_the_form_was_open_is_said_before_it_is_logged(
    wire: Wire,
) -> None:
    await wire.start_project()
    await share(wire)
    values = {ids.STATEMENT: "The API is live"}

    first = await wire.submit(ids.NEW_ASSUMPTION, values, metadata=form.pack(c=HOME, p="APOLLO"))
    before = await is_logged(wire)
    again = await wire.submit(
        ids.NEW_ASSUMPTION, values, metadata=first["view"]["private_metadata"]
    )

    assert first["response_action"] == "update"
    assert WARNING in text_of(first)
    assert not before
    assert again == {"response_action": "clear"}
    assert await is_logged(wire)


async def test_a_setback_form_that_did_not_say_so_says_it_before_it_records(wire: Wire) -> None:
    await wire.start_project()
    await share(wire)
    values = {ids.TEXT: "it broke", ids.STARTED: "now"}

    first = await wire.submit(ids.NEW_SETBACK, values, metadata=form.pack(c=HOME))
    before = await is_recorded(wire)
    await wire.submit(ids.NEW_SETBACK, values, metadata=first["view"]["private_metadata"])

    assert WARNING in text_of(first)
    assert not before
    assert await is_recorded(wire)


@pytest.mark.parametrize("is_direct", [True, False])
async def test_what_is_written_elsewhere_is_offered_with_the_warning(
    wire: Wire, is_direct: bool
) -> None:
    await wire.start_project()
    await share(wire)
    place = "D1" if is_direct else "C2"
    event = {
        "type": "message" if is_direct else "app_mention",
        "channel_type": "im",
        "channel": place,
        "user": ANA,
        "ts": "1.1",
        "text": "<@U0BOT> log in APOLLO: the API is live",
    }
    payload = {"type": "event_callback", "team_id": WORKSPACE, "event": event, "event_id": "E1"}

    await wire.deliver(payload)
    await wire.app.tools.tasks.drain()
    told = text_of(await wire.seen("traffic"))
    value = form.pack(s="the API is live", p="APOLLO")
    await wire.deliver(wire.click_payload(ids.OFFER_LOG, value))

    assert f"{WARNING} read APOLLO" in told
    assert not await is_logged(wire)
    shown = await opened(wire)
    assert "they will read what you put down here" in shown


async def test_what_was_said_between_a_few_is_a_setback_only_after_a_warning(wire: Wire) -> None:
    await wire.start_project()

    await wire.deliver(
        {
            "type": "message_action",
            "team": {"id": WORKSPACE},
            "user": {"id": ANA, "team_id": WORKSPACE},
            "channel": {"id": "D1", "name": "directmessage"},
            "callback_id": ids.SETBACK_SHORTCUT,
            "trigger_id": "1.1.t",
            "response_url": f"{wire.slack}/response/none",
            "message": {"type": "message", "user": ANA, "ts": "1.1", "text": "The API is late"},
        }
    )

    assert "This was said between a few people" in await opened(wire)


FORMS = {
    ids.MISSING: "1",
    ids.SPLIT: "APOLLO-1",
    ids.EDIT: "APOLLO-1",
    ids.ACCEPT: "APOLLO-1",
    ids.DECIDE: "APOLLO-1",
    ids.FAILS: "APOLLO-1|1|",
    ids.CHANGE_ANSWER: "APOLLO-1|1|",
    ids.HOME_ANSWER: "APOLLO-1",
}


@pytest.mark.parametrize("action", FORMS)
@pytest.mark.parametrize("is_shared", [True, False])
async def test_what_is_put_down_later_is_asked_for_with_the_warning(
    wire: Wire, action: str, is_shared: bool
) -> None:
    await wire.start_project()
    await wire.command("The API is live | ask <@U2BO|bo> impact:low")
    await wire.command("delay 3d waiting for the API", name="/setback")
    if is_shared:
        await share(wire)

    await wire.deliver(wire.click_payload(action, FORMS[action], user={"id": ANA}))

    assert (WARNING in await opened(wire)) is is_shared
