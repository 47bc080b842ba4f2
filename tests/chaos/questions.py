"""Questions that are due: people in a project with one each."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import Connection, delete

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.ids import UserId
from bot.domain.outbox import MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.settings import default_config_dir, read_tuning
from bot.store import prompt as prompts
from bot.store.tables import outbox
from bot.usecases.assumption import log_assumption
from bot.usecases.project import get_project
from tests.chaos.judge import Recorded, Verdict, judge
from tests.chaos.lane import ANA, APOLLO, CHANNEL, HERE, Lane
from tests.chaos.poll import until

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # everybody works then, in UTC
DUE = TUESDAY_NOON - timedelta(hours=1)


def plan_questions(tx: Connection, people: Iterable[UserId], *, due_at: datetime = DUE) -> None:
    """Log an assumption for each person and let its question be due; their cards are left out."""
    cadence = read_tuning(default_config_dir()).cadence
    project = get_project(tx, HERE, APOLLO, reader=OPERATOR)
    for person in people:
        key = log_assumption(
            tx,
            AssumptionDraft(
                statement=f"What {person} looks after is never late",
                owner=ANA,
                channel=CHANNEL,
                impact=Impact.LOW,
                stakeholders=(Stakeholder(user=person),),
            ),
            project=project,
            by=ANA,
            asked=(),
            now=TUESDAY_NOON - timedelta(days=1),
            cadence=cadence,
        )
        assert key is not None
        ask = PromptKey(assumption=key, stakeholder=person, round=1, kind=PromptKind.ASK, attempt=1)
        assert prompts.plan(tx, HERE, Planned(key=ask, due_at=due_at, reason="it is open"))
    tx.execute(delete(outbox).where(outbox.c.kind == MessageKind.CARD))


def people_names(prefix: str) -> Iterator[str]:
    """Somebody else each time."""
    return (f"U0{prefix}{number}" for number in count(1))


async def until_asked(lane: Lane, people: Iterable[UserId]) -> None:
    """Wait until each of them has a message that was sent."""
    waiting = set(people)

    async def is_done() -> bool:
        rows = await lane.outbox()
        return waiting <= {
            who for who, key in _of_whom(rows).items() if rows[key].state is MessageState.SENT
        }

    await until(is_done, every=0.1)


async def judge_questions(
    lane: Lane, people: Iterable[UserId], *, first_post: int = 0
) -> tuple[Verdict, int]:
    """Judge what became of the questions of these people; and count their posts."""
    rows = await lane.outbox()
    of = _of_whom(rows)
    # Somebody for whom there is no message at all is somebody whose question is lost.
    wanted = {of.get(who, MessageKey(kind=MessageKind.ASK, about="", to=who)) for who in people}
    asked = [post for post in lane.slack.posts[first_post:] if post.key.kind is MessageKind.ASK]
    written = {key: rows[key] for key in wanted & rows.keys()}
    return judge(wanted, asked, written), len(asked)


def _of_whom(rows: Mapping[MessageKey, Recorded]) -> dict[str, MessageKey]:
    """The message with questions that each person has, or is about to have.

    One that did not go out on its day is given up, and its questions are asked in another one.
    """
    return {
        key.to: key
        for key, row in rows.items()
        if key.kind is MessageKind.ASK and row.state is not MessageState.DEAD
    }
