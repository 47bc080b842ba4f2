"""What the card of an assumption says."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from bot.domain import history as rules
from bot.domain.cadence import Cadence
from bot.domain.history import Event
from bot.domain.ids import AssumptionKey
from bot.domain.outbox import Message
from bot.domain.validation import Validation
from bot.store import history
from bot.store import member as members
from bot.store import project as projects
from bot.usecases.assumption_show import confirmed_traces
from bot.usecases.audience import about, readers_of
from bot.usecases.channel import is_shared
from bot.usecases.contents import CardContent
from bot.usecases.owner import is_there


def read_card(
    tx: Connection, message: Message, now: datetime, _cadence: Cadence
) -> CardContent | None:
    assumption = about(tx, message)
    project = projects.get(tx, message.workspace, assumption.key.project) if assumption else None
    if assumption is None or project is None:
        return None
    events = history.read(tx, message.workspace, assumption.key)
    latest = newest_first(events, assumption.key)
    people = members.get_many(
        tx,
        message.workspace,
        {
            assumption.owner,
            assumption.logged_by,
            *(p.user for p in assumption.stakeholders),
            *(one.by for one in latest),
        },
    )
    return CardContent(
        assumption=assumption,
        project=project,
        validations=latest,
        traces=confirmed_traces(
            tx, message.workspace, assumption.key, reader=readers_of(tx, message)
        ),
        now=now,
        by_workflow=rules.was_logged_by_workflow(events),
        names={user: member.name for user, member in people.items()},
        is_contested=rules.is_contested(events, assumption.key),
        gone=frozenset(one.by for one in latest if not is_there(tx, message.workspace, one.by)),
        is_shared=is_shared(tx, message.workspace, project.channel),
    )


def newest_first(events: Iterable[Event], key: AssumptionKey) -> tuple[Validation, ...]:
    """The latest answer of each stakeholder that was not taken back, newest first."""
    latest = rules.current(rules.validations(events, key))
    return tuple(sorted(latest, key=lambda v: v.seq, reverse=True))
