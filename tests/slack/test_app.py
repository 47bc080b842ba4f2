import json
import re
from dataclasses import replace
from typing import Any

import pytest
from slack_bolt.response import BoltResponse
from structlog.contextvars import get_contextvars, merge_contextvars
from structlog.testing import capture_logs

from bot.domain.assumption import Status
from bot.domain.errors import (
    NotFoundError,
    OperatorFixableError,
    RetryableError,
    StaleWriteError,
    UserFixableError,
)
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.slack import ids
from bot.slack.dispatch import Answer, Dispatcher
from bot.slack.interaction import Command, Happened, Submission
from bot.slack.tools import Reply, Tools
from bot.slack.views.parts import message
from bot.usecases.assumption_show import show_assumption
from bot.usecases.draft import keep_draft
from bot.usecases.service import import_services
from tests.make import ANA, BO, CY, HOME, NOON, WORKSPACE, key
from tests.slack.conftest import GONE, ROBOT, Wire, make_installation, text_of

LINE = "The payments API is live | ask <@U2BO|bo> by friday impact:high confidence:70"


def raising(error: Exception) -> Answer:
    async def answer(_tools: Tools, _interaction: object) -> Reply:
        raise error

    return answer


def only(wire: Wire, kind: type[Any], word: str, answer: Answer) -> None:
    """Let `answer` be all that is listened to."""
    dispatcher = Dispatcher({})
    dispatcher._table[kind, word] = answer
    wire.app.dispatcher = dispatcher


async def test_one_line_is_logged_before_the_ack(wire: Wire) -> None:
    await wire.start_project()

    reply = await wire.command(LINE)

    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)
    assert shown.assumption.statement == "The payments API is live"
    assert shown.assumption.confidence_percent == 70
    assert [person.user for person in shown.assumption.stakeholders] == [BO]
    assert reply["response_type"] == "ephemeral"
    assert "APOLLO-1" in text_of(reply)


async def test_with_warm_caches_the_ack_path_reads_nothing_and_writes_once(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    wire.db.reads.clear()
    wire.db.writes.clear()

    await wire.command(LINE)

    assert wire.db.reads == []
    assert wire.db.writes == ["log_assumption"]


async def test_a_command_delivered_twice_is_stored_once(wire: Wire) -> None:
    await wire.start_project()
    payload = wire.command_payload(LINE)

    await wire.deliver(payload)
    again = await wire.deliver(payload)

    assert again.status == 200
    with pytest.raises(NotFoundError):
        await wire.db.inner.read(show_assumption, WORKSPACE, key(2), reader=OPERATOR)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (f"It is so | ask <@{ROBOT}|robot>", "is a bot"),
        (f"It is so | ask <@{GONE}|gone>", "has left"),
        ("It is so | ask <@U404|who>", "cannot find"),
        ("It is so | by blursday", "cannot read “blursday”"),
        ("It is so | by 2026-02-01", "2026-02-01 has passed"),
        ("It is so | impact:hgih", "Did you mean impact:high?"),
        ("It is so | &lt;!channel&gt;", "<!channel>"),
        ("show APOLLO-99", "I know no APOLLO-99"),
        ("retire APOLLO-99 because", "I know no APOLLO-99"),
        ("show", "/assume show APOLLO-12"),
        ("depends APOLLO-98 on APOLLO-99", "I know no APOLLO-98"),
        ("depends APOLLO-98 upon APOLLO-99", "/assume depends APOLLO-2 on APOLLO-1"),
        ("depends", "/assume depends APOLLO-2 on APOLLO-1"),
        ("lits", "/assume list"),
    ],
)
async def test_what_cannot_be_is_said_in_one_sentence_and_nothing_is_stored(
    wire: Wire, line: str, told: str
) -> None:
    await wire.start_project()

    reply = await wire.command(line)

    assert reply["response_type"] == "ephemeral"
    assert told in reply["blocks"][0]["text"]["text"]
    assert reply["blocks"][0]["text"]["type"] == "plain_text"
    with pytest.raises(NotFoundError):
        await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)


async def test_a_long_text_is_logged_by_one_line_and_offered_no_form(wire: Wire) -> None:
    await wire.start_project()
    long = "a" * 3_500

    refused = await wire.command(long)
    logged = await wire.command(f"{long} | ask <@U2BO|bo>")

    assert "3,500 characters" in text_of(refused)
    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)
    assert shown.assumption.statement == long
    assert "APOLLO-1" in text_of(logged)


async def test_the_key_of_another_workspace_is_like_one_that_is_not_there(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    other = WorkspaceId("T2")
    wire.installations.put(make_installation(other))

    reply = await wire.command("show APOLLO-1", team_id=other)

    assert "I know no APOLLO-1 here" in text_of(reply)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("/assume", "help", "Write down what you rely on"),
        ("/setback", "help", "Record what went wrong"),
        ("/stilltrue", "", "Is this still true?"),
        ("/stilltrue", "assume help", "Write down what you rely on"),
        ("/stilltrue", "setback help", "Record what went wrong"),
        ("/stilltrue", "list", "Everything open"),
        ("/stilltrue", "due", "I have no question for you"),
        ("/stilltrue", "report", "No setbacks"),
        ("/stilltrue", "reprot", "/stilltrue report"),
        ("/stilltrue", "report blah blah blah-", "I cannot read “blah blah blah-”"),
        ("/assume", "list mine APOLLO", "Mine"),
        ("/stilltrue", "services", "I know no services yet"),
        ("/stilltrue", "cycle begin", "/stilltrue cycle start 2026-03-02"),
        ("/setback", "delay", ""),
    ],
)
async def test_every_command_answers(wire: Wire, name: str, text: str, expected: str) -> None:
    await wire.start_project()

    reply = await wire.command(text, name=name)

    assert expected in text_of(reply)


async def test_a_sentence_that_begins_like_a_subcommand_is_a_statement(wire: Wire) -> None:
    await wire.start_project()

    await wire.command("list of vendors is final | ask <@U2BO|bo>")
    await wire.command("depends on nobody else | ask <@U2BO|bo>")

    for number, statement in enumerate(["list of vendors is final", "depends on nobody else"], 1):
        shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(number), reader=OPERATOR)
        assert shown.assumption.statement == statement


async def test_a_dependency_is_noted_shown_on_both_and_taken_back(wire: Wire) -> None:
    await wire.start_project()
    await wire.command(LINE)
    await wire.command("The refunds are live too, a week later | ask <@U2BO|bo>")

    noted = await wire.command("depends apollo-2 on APOLLO-1")
    again = await wire.command("depends APOLLO-2 on APOLLO-1")
    circle = await wire.command("depends APOLLO-1 on APOLLO-2")

    assert "APOLLO-2 depends on APOLLO-1: when that gives way" in text_of(noted)
    assert "already" in text_of(again)
    assert "cannot be the other way too" in text_of(circle)
    above = text_of(await wire.command("show APOLLO-2"))
    assert r"*Depends on*\nAPOLLO-1" in above
    assert "Nobody has confirmed this yet" in above
    assert r"*What depends on it*\nAPOLLO-2" in text_of(await wire.command("show APOLLO-1"))
    gone = await wire.command("depends APOLLO-2 not on APOLLO-1", name="/stilltrue")
    assert "no longer depends" in text_of(gone)
    assert "does not depend" in text_of(await wire.command("depends APOLLO-2 not on APOLLO-1"))
    assert "*Depends on*" not in text_of(await wire.command("show APOLLO-2"))


async def test_the_lead_counts_the_cycles_from_another_day(wire: Wire) -> None:
    await wire.start_project()

    others = await wire.command("cycle start march 9", name="/stilltrue", user_id="U2BO")
    before = await wire.command("cycle", name="/stilltrue")
    after = await wire.command("cycle start 2026-01-12", name="/stilltrue")

    assert "Only the lead of APOLLO" in text_of(others)
    assert "cycle 1, in its six weeks of work. It started on Monday 2 March" in text_of(before)
    assert "cooldown. It started on Monday 12 January 2026" in text_of(after)
    assert "last day is Sunday 8 March 2026" in text_of(after)


async def test_services_are_listed_with_whom_to_call_and_what_to_read(wire: Wire) -> None:
    table = "name,owner,runbook\ncheckout,U2BO,https://runbooks.example/checkout\nsearch,,\n"
    await wire.db.inner.write(import_services, WORKSPACE, table)

    listed = text_of(await wire.command("services", name="/stilltrue"))

    assert "2 in all" in listed
    assert "*checkout*  ·  owner <@U2BO>  ·  <https://runbooks.example/checkout|runbook>" in listed
    assert "*search*" in listed


async def test_a_line_about_a_setback_is_recorded_and_shown(wire: Wire) -> None:
    await wire.start_project()

    reply = await wire.command("delay 3d waiting for the API since yesterday", name="/setback")

    assert "Recorded as delay *#1*" in text_of(reply)
    assert wire.db.writes[-1] == "record_setback"


async def test_a_request_of_a_workspace_without_the_bot_reaches_no_listener(wire: Wire) -> None:
    answer = await wire.deliver(wire.command_payload("help", team_id="T404"))

    assert answer.status == 200
    assert "Write down" not in answer.body


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "block_actions", "actions": [{"action_id": "unheard of", "action_ts": "1"}]},
        {"type": "view_closed", "view": {"id": "V1"}},
        {"type": "event_callback", "event": {"type": "message", "user": "U1"}, "event_id": "E1"},
        {"type": "block_suggestion", "action_id": "a"},
    ],
    ids=lambda payload: payload["type"],
)
async def test_what_nobody_listens_to_is_acknowledged(wire: Wire, payload: dict[str, Any]) -> None:
    answer = await wire.deliver({"team": {"id": WORKSPACE}, "user": {"id": BO}, **payload})

    assert answer.status == 200


async def test_a_bug_is_told_with_a_reference_and_without_its_cause(wire: Wire) -> None:
    only(wire, Command, "/assume", raising(ValueError("a secret inside")))

    reply = await wire.command("x")

    assert "Something went wrong on my side" in text_of(reply)
    assert "secret" not in text_of(reply)


async def test_what_the_operator_must_fix_is_told_with_a_reference_only(wire: Wire) -> None:
    blocked = OperatorFixableError("the scope is missing", fix="add it", check="stilltrue doctor")
    only(wire, Command, "/assume", raising(blocked))

    reply = await wire.command("x")

    assert "give the reference" in text_of(reply)
    assert "scope" not in text_of(reply)


async def test_what_may_work_later_says_so(wire: Wire) -> None:
    only(wire, Command, "/assume", raising(RetryableError("Slack did not answer just now.")))

    assert "Slack did not answer" in text_of(await wire.command("x"))


async def test_an_error_of_a_form_stands_beside_its_first_field(wire: Wire) -> None:
    only(wire, Submission, ids.NEW_SETBACK, raising(NotFoundError("I know no setback 9 here.")))

    reply = await wire.submit(ids.NEW_SETBACK, {ids.TEXT: "x"})

    assert reply == {
        "response_action": "errors",
        "errors": {ids.TEXT: "I know no setback 9 here."},
    }


async def test_an_event_that_fails_is_repeated_by_slack(wire: Wire) -> None:
    only(wire, Happened, "app_home_opened", raising(ValueError("no")))
    event = {"type": "app_home_opened", "user": BO, "tab": "home"}

    answer: BoltResponse = await wire.deliver(
        {"type": "event_callback", "team_id": WORKSPACE, "event": event, "event_id": "E1"}
    )

    assert answer.status == 500


async def test_a_member_of_another_company_answers_what_they_are_asked_and_no_more(
    wire: Wire,
) -> None:
    await wire.start_project()
    await wire.command("The base holds | ask <@U2BO|bo>")
    asked, other = {"id": BO, "team_id": "T9"}, {"id": CY, "team_id": "T9"}

    for action, value, who in (
        (ids.NOT_MINE, "APOLLO-1|1|", other),
        (ids.RETIRE, "APOLLO-1", asked),
        (ids.SHOW, "APOLLO-1", asked),
        (ids.HOLDS, "APOLLO-1|1|", asked),
    ):
        await wire.deliver(wire.click_payload(action, value, user=who))
    await wire.app.tools.tasks.drain()

    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)
    assert shown.assumption.status is Status.VALIDATED
    assert not shown.assumption.stakeholders[0].is_released


async def test_a_row_that_changed_meanwhile_is_read_again(wire: Wire) -> None:
    left = [StaleWriteError("it changed"), StaleWriteError("it changed")]

    def unit(_tx: object) -> str:
        if left:
            raise left.pop()
        return "written"

    assert await wire.app.tools.write(unit) == "written"


async def test_the_bot_that_was_removed_is_not_called_for_any_more(wire: Wire) -> None:
    event = {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event": {"type": "app_uninstalled"},
        "event_id": "E1",
        "event_time": 1_900_000_000,
    }

    await wire.deliver(replace_time(event, 1_000_000_000))
    assert wire.installations.get(WORKSPACE) is not None
    await wire.deliver(event)

    assert wire.installations.get(WORKSPACE) is None


def replace_time(event: dict[str, Any], at: int) -> dict[str, Any]:
    return {**event, "event_time": at}


async def test_a_form_with_mistakes_names_each_field(wire: Wire) -> None:
    await wire.start_project()

    reply = await wire.submit(
        ids.NEW_ASSUMPTION,
        {ids.STATEMENT: " ", ids.CONFIDENCE: "very"},
        metadata=json.dumps({"p": "APOLLO", "c": "C1"}),
    )

    assert set(reply["errors"]) == {ids.STATEMENT, ids.CONFIDENCE}


async def test_what_is_nearly_the_same_is_shown_before_it_is_logged_again(wire: Wire) -> None:
    await wire.start_project()
    await wire.command("The payments API is live by March | ask <@U2BO|bo>")
    metadata = json.dumps({"p": "APOLLO", "c": "C1"})

    pushed = await wire.submit(
        ids.NEW_ASSUMPTION, {ids.STATEMENT: "Payments API live in March"}, metadata=metadata
    )

    assert pushed["response_action"] == "push"
    assert "APOLLO-1" in text_of(pushed["view"])
    kept = pushed["view"]["private_metadata"]
    assert await wire.submit(ids.LOG_ANYWAY, {}, metadata=kept, by=UserId("U3CY")) != {
        "response_action": "clear"
    }
    assert await wire.submit(ids.LOG_ANYWAY, {}, metadata=kept) == {"response_action": "clear"}
    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(2), reader=OPERATOR)
    assert shown.assumption.statement == "Payments API live in March"


async def test_one_that_shares_a_word_only_is_logged_at_once(wire: Wire) -> None:
    await wire.start_project()
    await wire.command("The payments API is live by March | ask <@U2BO|bo>")

    reply = await wire.submit(
        ids.NEW_ASSUMPTION,
        {ids.STATEMENT: "Legal signs the new payments contract before the summer"},
        metadata=json.dumps({"p": "APOLLO", "c": "C1"}),
    )

    assert reply == {"response_action": "clear"}


async def start_with(wire: Wire, typed: str, project: str = "apollo") -> dict[str, Any]:
    """Submit the form that starts a project, while `typed` waits."""
    kept = await wire.db.inner.write(
        keep_draft, WORKSPACE, by=ANA, text=typed, channel=HOME, now=NOON
    )
    values = {ids.KEY: project, ids.NAME: "Apollo"}
    metadata = json.dumps({"c": HOME, "d": kept})
    return await wire.submit(ids.START_PROJECT, values, metadata=metadata)


async def test_starting_a_project_logs_the_line_that_waited(wire: Wire) -> None:
    reply = await start_with(wire, LINE)

    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key(), reader=OPERATOR)
    assert reply == {}
    assert shown.project.lead == ANA
    assert shown.assumption.statement == "The payments API is live"


async def test_starting_a_project_goes_on_to_the_form_with_what_was_typed(wire: Wire) -> None:
    reply = await start_with(wire, "It holds &lt;10 users")

    assert reply["response_action"] == "update"
    assert reply["view"]["callback_id"] == ids.NEW_ASSUMPTION
    assert "It holds <10 users" in text_of(reply["view"])


async def test_a_line_with_a_mistake_goes_on_to_the_form_and_says_what_is_wrong(wire: Wire) -> None:
    reply = await start_with(wire, f"It is so | ask <@{ROBOT}|robot>")

    assert "is a bot and cannot answer" in text_of(reply["view"])
    assert "It is so" in text_of(reply["view"])


@pytest.mark.parametrize("word", ["", "a", "1A", "A" * 11, "<!channel>"])
async def test_what_is_no_key_is_said_beside_the_field(wire: Wire, word: str) -> None:
    reply = await start_with(wire, LINE, project=word)

    assert list(reply["errors"]) == [ids.KEY]


async def test_a_key_that_is_taken_is_said_beside_the_field(wire: Wire) -> None:
    await wire.start_project()

    reply = await start_with(wire, LINE)

    assert list(reply["errors"]) == [ids.KEY]


def test_two_answers_to_one_key_are_refused() -> None:
    routes = {"/assume": raising(ValueError())}

    with pytest.raises(ValueError, match="answered twice"):
        Dispatcher(routes)._add(Command, routes)


def test_an_installation_does_not_show_its_token() -> None:
    assert "xoxb" not in repr(make_installation())
    assert replace(make_installation(), bot_token="other") != make_installation()


def test_a_key_of_a_button_is_read_back() -> None:
    ref = ids.QuestionRef(AssumptionKey.parse("APOLLO-12") or key(), 3, needs_evidence=True)

    assert ids.QuestionRef.parse(str(ref)) == ref
    assert ids.TraceRef.parse(str(ids.TraceRef(4, key()))) == ids.TraceRef(4, key())
    assert ids.ListRef.parse(str(ids.ListRef(None, "mine", key()))) == ids.ListRef(
        None, "mine", key()
    )
    assert ids.QuestionRef.parse("nonsense") is None
    assert ids.TraceRef.parse("x|y") is None
    assert ANA != BO


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("expired_trigger_id", "That took too long to open. Try once more."),
        ("view_too_large", "Something went wrong on my side."),
    ],
)
async def test_what_no_view_can_say_any_more_is_said_directly(
    wire: Wire, code: str, told: str
) -> None:
    await wire.fault(method="views.open", kind="error", error=code, times=2)
    payload = wire.click_payload(ids.HOME_LOG, "home", view={"id": "V1", "type": "home"})
    payload = {name: value for name, value in payload.items() if name != "response_url"}

    await wire.deliver(payload)
    await wire.app.tools.tasks.drain()  # what went wrong is told in a task of its own

    calls = text_of(await wire.seen("traffic"))
    assert "chat.postMessage" in calls
    assert told in calls


async def test_a_line_of_the_log_says_where_who_and_on_which_request(wire: Wire) -> None:
    await wire.start_project()
    payload = wire.command_payload(LINE)

    with capture_logs([merge_contextvars]) as lines:
        await wire.deliver(payload)

    [logged] = [line for line in lines if line["event"] == "assumption.logged"]
    assert (logged["workspace"], logged["user"]) == (WORKSPACE, ANA)
    assert logged["request"] == f"command|{payload['trigger_id']}"
    assert get_contextvars() == {}


async def test_what_slack_refuses_is_logged_with_its_own_number(wire: Wire) -> None:
    with capture_logs([merge_contextvars]) as lines, pytest.raises(UserFixableError):
        await wire.api.say(WORKSPACE, "C404", message("Hello", []), thread_ts=None)

    [line] = lines
    assert line["event"] == "slack.refused"
    assert (line["workspace"], line["method"]) == (WORKSPACE, "chat.postMessage")
    assert line["cause"] == "channel_not_found"
    assert re.fullmatch("[0-9a-f]{32}", line["slack_request"])
