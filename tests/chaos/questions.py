"""Questions that are due: people in a project with one each."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete

from bot.domain.assumption import AssumptionDraft, Impact, Stakeholder
from bot.domain.ids import UserId
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR
from bot.domain.prompt import Planned, PromptKey, PromptKind
from bot.settings import default_config_dir, read_tuning
from bot.store import prompt as prompts
from bot.store.tables import outbox
from bot.usecases.assumption import log_assumption
from bot.usecases.project import get_project
from tests.chaos.lane import ANA, APOLLO, CHANNEL, HERE

TUESDAY_NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)  # everybody works then, in UTC
DUE = TUESDAY_NOON - timedelta(hours=1)


def plan_questions(tx: Connection, names: list[str], *, due_at: datetime = DUE) -> None:
    """Log an assumption for each person and let its question be due; their cards are left out."""
    cadence = read_tuning(default_config_dir()).cadence
    project = get_project(tx, HERE, APOLLO, reader=OPERATOR)
    for name in names:
        person = UserId(name)
        key = log_assumption(
            tx,
            AssumptionDraft(
                statement=f"What {name} looks after is never late",
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
