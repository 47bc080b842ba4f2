"""A question was posted, and whoever posted it ended before it wrote down where."""

from datetime import timedelta

from bot.domain.history import Asked
from bot.domain.ids import AssumptionKey, ChannelId, MessageTs, UserId
from bot.domain.outbox import MessageKind
from bot.domain.validation import Answer
from bot.store import history
from bot.usecases import found, outbox
from bot.usecases.contents import AskContent
from tests.usecases.team import BO, CY, DAY, WORKSPACE, Team

DM, PLACE = ChannelId("D0BO"), MessageTs("77.000001")


def test_the_message_in_which_somebody_answered_shows_the_answer(team: Team) -> None:
    key = _posted_and_forgotten(team)
    team.answer(key, Answer.HOLDS)

    assert _seen(team, key)
    team.work()

    shown, content = next(s for s in team.said if s[0].key.kind is MessageKind.ASK)
    assert (shown.channel, shown.ts) == (DM, PLACE)
    assert isinstance(content, AskContent)
    assert content.questions[0].answer is not None


def test_one_in_which_somebody_only_looked_for_the_form_goes_on_as_if_it_had_been_recorded(
    team: Team,
) -> None:
    key = _posted_and_forgotten(team)

    assert _seen(team, key)
    team.pass_time(team.now + 14 * DAY)

    events = history.read(team.tx, WORKSPACE, key)
    asked = [event for event in events if isinstance(event.what, Asked)]
    assert len(asked) > 1  # it counts as asked, and is followed by reminders
    first = next(m for m, _ in team.said if m.key.kind is MessageKind.ASK)
    assert first.ts == PLACE  # drawn there, not posted once more


def test_a_click_elsewhere_finds_nothing(team: Team) -> None:
    key = _posted_and_forgotten(team)

    assert not _seen(team, key, by=CY)


def test_what_was_never_posted_is_not_found(team: Team) -> None:
    key = team.log()
    team.now += 2 * DAY
    team.hand_over()

    assert not _seen(team, key)


def test_what_is_known_is_left_as_it_is(team: Team) -> None:
    key = team.log()
    team.now += 2 * DAY
    team.work()

    assert not _seen(team, key)


def _posted_and_forgotten(team: Team) -> AssumptionKey:
    """Let a worker claim the question, post it and die; another one has it afterwards."""
    key = team.log()
    team.work()
    team.now += 2 * DAY
    team.hand_over()
    no_time = timedelta(0)  # by the database's clock, which no test moves
    [claimed] = outbox.claim_messages(team.tx, now=team.now, limit=1, lease=no_time)
    assert claimed.item.key.kind is MessageKind.ASK
    return key


def _seen(team: Team, key: AssumptionKey, *, by: UserId = BO) -> bool:
    return found.question_found(
        team.tx,
        WORKSPACE,
        key,
        to=by,
        channel=DM,
        ts=PLACE,
        now=team.now,
        cadence=team.cadence,
    )
