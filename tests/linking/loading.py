"""The labelled set as rows: each assumption logged on its day, with the answer that it had."""

from datetime import timedelta
from typing import assert_never

from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft, Status
from bot.domain.channel import Channel
from bot.domain.history import Answered, Happening, Retired
from bot.domain.ids import AssumptionKey, ChannelId
from bot.domain.linking import Candidate
from bot.domain.validation import Answer
from bot.store import assumption as assumptions
from bot.store import history
from bot.store import project as projects
from bot.store.assumption import NewAssumption
from bot.usecases.channel import describe_channel
from tests.linking.labelled_set import DAY, candidates
from tests.make import ANA, BO, HOME, NOON, WORKSPACE, make_project

_LONG = timedelta(days=400)


def load(tx: Connection) -> None:
    """Log the whole set in one workspace, whose channels everybody may read."""
    _open(tx, HOME)
    for one in candidates():
        key = one.assumption.key
        home = ChannelId(f"C{key.project}")
        if key.number == 1:
            projects.add(tx, make_project(key=key.project, channel=home))
            _open(tx, home)
        logged = assumptions.log(tx, _new(one, home))
        if logged != key:
            raise ValueError(f"{key} was logged as {logged}")
        _answer(tx, key, one)


def _open(tx: Connection, id_: ChannelId) -> None:
    described = Channel(workspace=WORKSPACE, id=id_, is_private=False, seen_at=NOON)
    describe_channel(tx, described, now=NOON)


def _new(one: Candidate, home: ChannelId) -> NewAssumption:
    assumption = one.assumption
    draft = AssumptionDraft(
        statement=assumption.statement,
        owner=ANA,
        impact=assumption.impact,
        services=assumption.services,
        channel=home,
    )
    return NewAssumption(
        workspace=WORKSPACE,
        project=assumption.key.project,
        home=home,
        draft=draft,
        by=ANA,
        at=assumption.logged_at,
    )


def _answer(tx: Connection, key: AssumptionKey, one: Candidate) -> None:
    at = one.assumption.logged_at + timedelta(hours=1)
    lifetime = DAY if one.as_of.is_stale else _LONG
    what: Happening
    match one.as_of.status:
        case Status.UNVALIDATED:
            return
        case Status.VALIDATED:
            what = Answered(answer=Answer.HOLDS, evidence="", valid_until=at + lifetime, round=1)
        case Status.REFUTED:
            what = Answered(answer=Answer.FAILS, evidence="", valid_until=None, round=1)
        case Status.RETIRED:
            what = Retired()
        case _:
            assert_never(one.as_of.status)
    history.append(tx, WORKSPACE, key, what, by=BO, at=at)
