"""Runs every unit that a surface can run, as everybody who should learn nothing."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from bot.domain.errors import BotError
from bot.domain.outbox import Message, MessageKey, MessageKind, MessageState
from bot.domain.permission import OPERATOR, Looks, Reader
from bot.usecases.channel import reader_for
from bot.usecases.home import open_home
from bot.usecases.member import remember
from bot.usecases.outbox import read_message
from tests.make import CADENCE, NOON, make_member
from tests.matrix.arguments import NOBODYS, Asked, Query, query
from tests.matrix.judge import Verdict, written
from tests.matrix.units import all_units
from tests.matrix.world import (
    ANA,
    BO,
    FAR_TEAM,
    FOREIGN,
    GUEST,
    HOME_TEAM,
    OUTSIDER,
    READERS,
    ZED,
    Ids,
    all_rows,
    settle,
)

_RANDOM = re.compile(r"'[\w-]{16,}'|(?<=/)[\w-]{16,}|\b9\d{5}\b")
_OTHER_WORKSPACE = ("foreign workspace", "foreign row", "uninstalled")
_OF_PROJECTS = (
    MessageKind.DIGEST,
    MessageKind.CYCLE_START,
    MessageKind.RETROSPECTIVE,
    MessageKind.SHARED,
)


def all_queries() -> list[Query]:
    """Every unit that is tried.

    Raises:
        AssertionError: There is one that nobody said how to ask.
    """
    made = [query(name, unit) for name, unit in all_units().items() if name not in NOBODYS]
    unmade = [one for some in made if isinstance(some, list) for one in some]
    if unmade:
        raise AssertionError(f"nothing makes {unmade}")
    return [one for one in made if isinstance(one, Query)]


def settle_with_people(tx: Connection) -> dict[str, Ids]:
    """Make the world, and the people whom its directory knows."""
    for member in (
        make_member(ANA, workspace=HOME_TEAM),
        make_member(BO, workspace=HOME_TEAM),
        make_member(GUEST, workspace=HOME_TEAM, is_guest=True),
        make_member(OUTSIDER, workspace=HOME_TEAM, is_stranger=True),
        make_member(ZED, workspace=FAR_TEAM),
    ):
        remember(tx, member)
    return settle(tx)


def judge_queries(
    tx: Connection, ids: Mapping[str, Ids], case: str, queries: list[Query]
) -> Verdict:
    """Run every query as one of those who should learn nothing; what they write is undone."""
    actor, named = READERS[case]
    verdict = Verdict()
    secret = ids["FOREIGN" if named is FOREIGN else "PRIVATE"]
    reader = reader_for(tx, actor.team, actor.user)
    if reader.looks is not Looks.OUTSIDER:
        reader = replace(reader, here=actor.here)
    asked = Asked(actor=actor, ids=secret, reader=reader)
    before = all_rows(tx)
    for one in queries:
        verdict.entries.add(one.name)
        for run in _ways(one, asked, case):
            verdict.cases += 1
            told, rows = _outcome(tx, run, asked)
            leaks = _told_too_much(told, secret)
            if not one.names_nothing:
                missing = ids["MISSING"]
                expected, _ = _outcome(tx, run, replace(asked, ids=missing))
                if _plain(told, secret) != _plain(expected, missing):
                    leaks.append(
                        f"differs {_plain(told, secret)} {_plain(expected, missing)}"[:900]
                    )
            if rows is not None:
                leaks += written(
                    before, rows, names_nothing=one.names_nothing, actor=actor, ids=secret
                )
            verdict.leaks += [f"{case}: {one.name}: {leak}" for leak in leaks]
    return verdict


def unreported(verdict: Verdict, queries: Iterable[Query]) -> set[str]:
    """Return what a person asks for by name, and nothing of what came was taken for a leak."""
    named = {one.name for one in queries if one.is_personal and not one.names_nothing}
    return named - {leak.split(": ")[1] for leak in verdict.leaks}


def judge_messages(tx: Connection, ids: Mapping[str, Ids], case: str) -> Verdict:
    """Read every kind of message about the secret as one of those who should not learn it.

    Each is one that was decided before, so that it may say that there is nothing to see any more.
    """
    actor, named = READERS[case]
    secret = ids["FOREIGN" if named is FOREIGN else "PRIVATE"]
    verdict = Verdict()
    for kind in MessageKind:
        for to in (actor.user, actor.here):
            message = Message(
                workspace=actor.team,
                key=_message_key(kind, secret, to),
                revision=1,
                state=MessageState.PENDING,
                wanted_at=NOON,
                due_at=NOON,
                attempts=0,
                channel=None,
                ts=None,
                is_repeat=False,
                error="",
            )
            verdict.entries.add(f"message {kind}")
            verdict.cases += 1
            if kind is MessageKind.HOME:  # which says nothing to whom it was never shown
                open_home(tx, actor.team, actor.user, now=NOON)
            told, rows = _run(tx, lambda: read_message(tx, message, now=NOON, cadence=CADENCE))  # noqa: B023 -- run at once
            leaks = _told_too_much(told, secret)
            leaks += [] if rows is None else ["writes"]
            verdict.leaks += [f"{case}: message {kind} to {to}: {leak}" for leak in leaks]
    return verdict


def _message_key(kind: MessageKind, ids: Ids, to: str) -> MessageKey:
    about, occasion = f"{ids.key}", f"{ids.seq}"
    if kind is MessageKind.SETBACK:
        about = f"{ids.number}"
    elif kind in _OF_PROJECTS:
        about, occasion = ids.project, NOON.date().isoformat()
    elif kind is MessageKind.PAUSED:
        about, occasion = ANA, NOON.isoformat()
    return MessageKey(kind=kind, about=about, to=to, occasion=occasion)


Run = Callable[[Connection, Asked], Any]


def _ways(one: Query, asked: Asked, case: str) -> Iterator[Run]:
    """As a person, with a reader and without; as the operator of the other workspace."""

    def run(*, reader: Reader, with_reader: bool = True) -> Run:
        return lambda tx, asked: one.unit(
            tx, **one.arguments(replace(asked, reader=reader), with_reader=with_reader)
        )

    if one.is_personal:
        yield run(reader=asked.reader)
    if one.can_do_without_reader:
        yield run(reader=asked.reader, with_reader=False)
    if one.may_be_operators and case in _OTHER_WORKSPACE:
        yield run(reader=OPERATOR)


Rows = dict[str, list[str]]


def _outcome(tx: Connection, run: Run, asked: Asked) -> tuple[str, Rows | None]:
    return _run(tx, lambda: run(tx, asked))


def _run(tx: Connection, unit: Callable[[], Any]) -> tuple[str, Rows | None]:
    """Return what came of it, and all rows where it wrote any; then undo it."""
    written_before = _written_so_far(tx)
    savepoint = tx.begin_nested()
    try:
        told = _deep(unit())
    except BotError as error:
        told = f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 -- a fault is a finding, beside the others
        told = f"FAULT {error!r}"
        savepoint.rollback()
        return told, None
    rows = all_rows(tx) if _written_so_far(tx) != written_before else None
    savepoint.rollback()
    return told, rows


def _deep(found: Any) -> str:
    return repr(list(found)) if isinstance(found, Iterator) else repr(found)


def _written_so_far(tx: Connection) -> int:
    """A number that grows with each row that this connection writes."""
    if tx.dialect.name == "sqlite":
        driver: Any = tx.connection.driver_connection
        return int(driver.total_changes)
    counted = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
    return int(tx.execute(text(counted)).scalar_one())


def _told_too_much(told: str, ids: Ids) -> list[str]:
    leaks = [f"reads {told[:300]}"] if ids.canary in told else []
    return leaks + ([f"fails {told[:300]}"] if told.startswith("FAULT") else [])


def _plain(told: str, ids: Ids) -> str:
    return _RANDOM.sub("~", ids.hide(told))
