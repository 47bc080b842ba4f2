import json
from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from bot.domain.assumption import Stakeholder, Status
from bot.domain.home import HomePlace
from bot.domain.ids import ProjectKey
from bot.domain.member import OwnHours, WorkingTime
from bot.domain.trace import TraceState
from bot.sandbox.kit.message import message_problems
from bot.sandbox.kit.view import view_problems
from bot.slack import ids
from bot.slack.interaction import Click, Submission
from bot.slack.names import CommandNames
from bot.slack.routes import build_dispatcher
from bot.slack.views import card, listing, parts, setback, validation
from bot.slack.views.me import hours_line
from bot.usecases.contents import AskContent, CardContent, SetbackContent
from tests.make import ANA, APOLLO, BO, NOON, make_project, make_setback, make_trace
from tests.slack.surfaces import contents, homes, messages, modals, question, sample

NASTY = (
    "",
    " ",
    "&" * 10_000,
    "<!channel> <@U1> <https://evil.example|click> `a` *b* _c_ ~d~",
    "مرحبا \u202ebidi\u202c \u200b\u200d 👩‍👩‍👧‍👦" * 200,
    "line\n" * 2_000,
    "x" * 10_000,
)
ALPHABET = st.text(alphabet="ab&<>*_`~@#!|\n\t 🙂é\u202e\u200d", max_size=400)


@pytest.mark.parametrize("text", NASTY, ids=lambda text: repr(text[:12]))
def test_slack_would_take_every_surface(text: str) -> None:
    _check(text)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(text=ALPHABET, times=st.integers(1, 25))
def test_slack_would_take_every_surface_whatever_people_typed(text: str, times: int) -> None:
    _check(text * times)


def _check(text: str) -> None:
    for message in messages(text):
        assert message_problems(message["blocks"]) == []
        assert 0 < len(message["text"]) <= 4000
    for view in modals(text):
        assert view_problems(view, "modal") == []
        assert len(json.dumps(view)) < 250_000
    for view in homes(text):
        assert view_problems(view, "home") == []


@pytest.mark.parametrize("text", NASTY[2:], ids=lambda text: repr(text[:12]))
def test_the_sdks_own_models_take_what_is_sent(text: str) -> None:
    for view in [*modals(text), *homes(text)]:
        read = View(**view).to_dict()
        assert [block["type"] for block in read["blocks"]] == [b["type"] for b in view["blocks"]]
    for message in messages(text):
        read_blocks = [block.to_dict() for block in Block.parse_all(message["blocks"])]
        assert [block["type"] for block in read_blocks] == [b["type"] for b in message["blocks"]]


def test_what_people_typed_is_nowhere_parsed() -> None:
    typed = "<!channel> <@U9EVIL> <https://evil.example|here>"
    for surface in [*messages(typed), *modals(typed), *homes(typed)]:
        for carried in _mrkdwn(surface):
            assert "<!channel>" not in carried
            assert "U9EVIL>" not in carried.replace("&gt;", "")
            assert "<https://evil" not in carried


def _mrkdwn(surface: dict[str, Any]) -> Iterator[str]:
    """Every text of the surface that Slack parses."""
    yield surface.get("text", "") if isinstance(surface.get("text"), str) else ""
    for node in _nodes(surface.get("blocks", [])):
        if node.get("type") == "mrkdwn":
            yield node["text"]


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def test_everything_that_can_be_pressed_or_submitted_is_answered() -> None:
    answered = set(build_dispatcher(CommandNames()))
    surfaces = [s for make in (messages, modals, homes) for s in make("text")]

    pressed = {(Click, n["action_id"]) for n in _nodes(surfaces) if "action_id" in n}
    submitted = {(Submission, s["callback_id"]) for s in surfaces if "submit" in s}

    assert pressed - {(Click, ids.INPUT)} <= answered
    assert submitted <= answered


def test_no_listener_waits_for_what_no_surface_has() -> None:
    surfaces = [s for make in (messages, modals, homes) for s in make("x" * 2_000)]
    pressed = {n["action_id"] for n in _nodes(surfaces) if "action_id" in n}
    submitted = {s["callback_id"] for s in surfaces if "callback_id" in s}

    for kind, word in build_dispatcher(CommandNames()):
        if kind is Click:
            assert word in pressed
        if kind is Submission:
            assert word in submitted


def test_a_question_begins_with_the_person_who_relies_on_it() -> None:
    first = validation.ask(AskContent(to=BO, questions=(question("It is live"),), now=NOON))

    assert first["blocks"][0]["text"]["text"] == "*<@U1ANA> is relying on this being true*"


def test_eight_questions_fit_with_all_their_buttons_and_what_waits() -> None:
    eight = tuple(question("It is live " * 100, n) for n in range(1, 9))

    blocks = validation.ask(AskContent(to=BO, questions=eight, now=NOON, waiting=2))["blocks"]

    assert len(blocks) == 50
    assert sum(1 for block in blocks if block["type"] == "actions") == 8
    assert "2 more questions wait" in blocks[-1]["elements"][0]["text"]


def test_a_short_text_has_no_button_to_read_it_all() -> None:
    short, long = (
        {n.get("action_id") for n in _nodes(card.card(next(_cards(text)))["blocks"])}
        for text in ("short", "long " * 500)
    )

    assert ids.READ_ALL not in short
    assert ids.READ_ALL in long


def _cards(text: str) -> Iterator[Any]:
    return (content for content in contents(text) if type(content).__name__ == "CardContent")


def test_a_whole_text_is_shown_without_a_letter_lost() -> None:
    text = "".join(chr(97 + n % 26) for n in range(10_000))

    blocks = parts.whole(text)

    assert "".join(b["elements"][0]["elements"][0]["text"] for b in blocks) == text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://a|b", "https://a>b", "http://a b", "ftp://a"]
)
def test_an_address_that_could_break_out_of_its_link_is_left_out(url: str) -> None:
    assert parts.link(url, "here") == ""


def test_the_owner_is_named_without_their_text_being_parsed() -> None:
    [line] = [fact for fact in card.facts(sample("x")) if fact.startswith("Owner")]

    assert line == "Owner <@U1ANA>"


@pytest.mark.parametrize(
    ("project", "label"), [(APOLLO, "Newest first"), (None, "By project, newest first")]
)
def test_the_order_of_a_list_is_called_what_it_is(project: ProjectKey | None, label: str) -> None:
    shown = listing.listing(
        [sample("x")], here=ids.ListRef(project, "open"), has_more=False, now=NOON, command="/a"
    )

    [menu] = [e for e in shown["blocks"][1]["elements"] if e["type"] == "static_select"]

    assert menu["initial_option"]["text"]["text"] == label


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"validate_by": date(2026, 3, 3)}, "needed by Tuesday 3 March 2026"),
        ({"validate_by": date(2026, 3, 2)}, "⏰ overdue since Monday 2 March 2026"),
        (
            {"validate_by": date(2026, 3, 2), "status": Status.VALIDATED, "valid_until": NOON},
            "was needed by Monday 2 March 2026",
        ),
    ],
)
def test_what_was_needed_before_today_is_said_to_be_late_or_past(
    changed: dict[str, Any], told: str
) -> None:
    one = sample("x", **changed)
    listed = listing.listing(
        [one], here=ids.ListRef(APOLLO, "open"), has_more=False, now=NOON, command="/a"
    )

    facts = listed["blocks"][3]["elements"][0]["text"]
    assert facts.endswith(f"  ·  {told}")


def test_another_filter_of_home_leaves_the_pages_of_its_other_lists() -> None:
    full = next(homes("x", place=HomePlace(asked=5, owned=6, projects=4, setbacks=4)))

    buttons = [e for block in full["blocks"] for e in block.get("elements", ())]
    [stale] = [e for e in buttons if e.get("action_id") == ids.HOME_FILTERS["stale"]]

    wanted = HomePlace(filter="stale", asked=5, projects=4, setbacks=4)
    assert HomePlace.parse(stale["value"]) == wanted


@pytest.mark.parametrize(
    ("own", "told"),
    [
        (OwnHours(), ", not on public holidays"),
        (OwnHours(country="PT"), ", not on public holidays of PT"),
        (OwnHours(country=""), ", on public holidays too"),
    ],
)
def test_home_says_whether_one_is_asked_on_holidays(own: OwnHours, told: str) -> None:
    line = hours_line(WorkingTime(zone=ZoneInfo("Europe/Lisbon")), own, today=NOON.date())

    assert line["text"]["text"].endswith(f"(Europe/Lisbon){told}")


def test_a_setback_calls_nobody_who_just_recorded_it() -> None:
    setback_ = make_setback()
    names = {setback_.recorded_by: "Ana <!here>"}
    content = SetbackContent(setback=setback_, traces=(), now=NOON, names=names)

    posted = json.dumps(setback.setback_message(content))

    assert "<@" not in posted
    assert "recorded by Ana &lt;!here&gt;" in posted


def test_a_card_is_posted_at_any_hour_so_it_calls_nobody() -> None:
    content = CardContent(
        assumption=sample("x", stakeholders=(Stakeholder(user=BO),)),
        project=make_project(),
        validations=(),
        traces=(),
        now=NOON,
        names={ANA: "Ana <!here>", BO: "Bo"},
    )

    posted = json.dumps(card.card(content))

    assert "<@" not in posted
    assert "Owner Ana &lt;!here&gt;" in posted
    assert "Asked: Bo" in posted


def test_who_was_released_is_asked_no_more_and_was_asked_before() -> None:
    released = sample("x", stakeholders=(Stakeholder(user=BO, is_released=True),))

    assert card.nobody_asked(released) == "Nobody is asked any more."
    assert card.nobody_asked(sample("x", stakeholders=())) == "Nobody is asked yet."


@pytest.mark.parametrize(
    ("status", "is_offered"), [(Status.UNVALIDATED, True), (Status.RETIRED, False)]
)
def test_only_what_is_tracked_wants_somebody_who_can_tell(
    status: Status, *, is_offered: bool
) -> None:
    assumption = sample("x", stakeholders=(), status=status)
    shown = card.card(
        CardContent(
            assumption=assumption, project=make_project(), validations=(), traces=(), now=NOON
        )
    )

    assert ("names somebody who can tell" in str(shown)) is is_offered


def test_a_setback_shows_three_candidates_and_the_way_to_the_rest() -> None:
    traces = [make_trace(assumption=n, state=TraceState.CANDIDATE, role=None) for n in range(1, 9)]
    pairs = tuple((trace, sample("x", number=trace.assumption.number)) for trace in traces)

    shown = setback.setback_message(SetbackContent(setback=make_setback(), traces=pairs, now=NOON))

    pressed = [node["action_id"] for node in _nodes(shown["blocks"]) if "action_id" in node]
    assert pressed.count(ids.CAUSED) == 3
    assert pressed.count(ids.FURTHER) == 1
