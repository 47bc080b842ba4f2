"""Questions that people were asked, as if Slack had shown them already."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, update

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.ids import AssumptionKey, UserId
from bot.domain.member import Member
from bot.domain.permission import OPERATOR
from bot.domain.prompt import PromptState
from bot.domain.validation import Answer
from bot.settings import default_config_dir, read_tuning
from bot.store import assumption as assumptions
from bot.store.tables import prompt
from bot.usecases.assumption import log_assumption
from bot.usecases.project import get_project
from bot.usecases.validation import answer_question
from tests.chaos.lane import ANA, APOLLO, CHANNEL, HERE

_numbers = count(1)
_CADENCE = read_tuning(default_config_dir()).cadence


def log_asked(tx: Connection, number: int, *, asked: Sequence[UserId]) -> list[AssumptionKey]:
    """Log so many assumptions, each person of `asked` having been asked about each."""
    now = datetime.now(UTC)
    project = get_project(tx, HERE, APOLLO, reader=OPERATOR)
    keys = []
    for _ in range(number):
        draft = AssumptionDraft(
            statement=f"Question {next(_numbers)} has one answer",
            owner=ANA,
            channel=CHANNEL,
            impact=Impact.LOW,
            stakeholders=tuple(Stakeholder(user=user) for user in asked),
        )
        key = log_assumption(
            tx,
            draft,
            project=project,
            by=ANA,
            asked=[_member(user, now) for user in asked],
            now=now,
            cadence=_CADENCE,
        )
        assert key is not None
        keys.append(key)
    _show(tx, now)
    return keys


def ask_again(tx: Connection, keys: Iterable[AssumptionKey], by: UserId) -> None:
    """Let the person answer the first question about each, and be asked a second time."""
    now = datetime.now(UTC)
    for key in keys:
        answer_question(
            tx,
            HERE,
            key,
            by=by,
            asked_round=1,
            answer=Answer.HOLDS,
            evidence="",
            now=now,
            cadence=_CADENCE,
        )
        assumptions.put_stakeholder(tx, HERE, key, replace(Stakeholder(user=by), round=2))
    _show(tx, now)


def _show(tx: Connection, now: datetime) -> None:
    shown = {"state": PromptState.SENT, "attempted_at": now, "sent_at": now}
    tx.execute(update(prompt).where(prompt.c.state == PromptState.PLANNED).values(shown))


def _member(user: UserId, now: datetime) -> Member:
    return Member(workspace=HERE, user=user, name=user, zone=ZoneInfo("UTC"), seen_at=now)
