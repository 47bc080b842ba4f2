"""The rows of logging one assumption, written as one act.

Slack waits for this. SQLAlchemy's cost for each statement is what such an act is made of, so here
it is one statement on PostgreSQL, and on SQLite the driver's own prepared statements.
"""

import sqlite3
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection

from bot.domain.assumption import AssumptionDraft
from bot.domain.delivery import Delivery
from bot.domain.errors import HomeIsSharedError, NotFoundError
from bot.domain.history import Logged
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.store import full_text, happenings
from bot.store.project import numbers_of
from bot.store.types import sqlite_moment, storable, to_json, utc


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAsk:
    stakeholder: UserId
    due_at: datetime  # aware
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssumption:
    """Everything that is stored when an assumption is logged."""

    workspace: WorkspaceId
    project: ProjectKey
    home: ChannelId  # of its project: where its card goes
    draft: AssumptionDraft
    by: UserId
    at: datetime  # aware
    asks: tuple[FirstAsk, ...] = ()
    delivery: Delivery | None = None  # what brought it; a second copy stores nothing
    by_workflow: bool = False  # in the name of `by`
    unless_shared: bool = False  # nobody told the person whether another company reads its home


def log(tx: Connection, new: NewAssumption) -> AssumptionKey | None:
    """Number and store an assumption: its row, stakeholders, history, first prompts and card.

    On PostgreSQL two in one project at once do not wait for each other: the number comes from a
    sequence, and that of a transaction that was rolled back stays unused.

    Returns:
        Its key; None where this delivery was handled before, and then nothing is written.

    Raises:
        NotFoundError: The project is gone.
        HomeIsSharedError: Another company reads its home, where that matters.
        UnstorableTextError: A text holds a character that cannot be kept.
    """
    _check(new.draft)
    number = (_log_on_sqlite if tx.dialect.name == "sqlite" else _log_on_postgresql)(tx, new)
    return None if number is None else AssumptionKey(new.project, number)


def _check(draft: AssumptionDraft) -> None:
    unit = draft.expected.unit if draft.expected else ""
    for typed in (draft.statement, draft.consequence, draft.permalink or "", unit):
        storable(typed)


def _measure(draft: AssumptionDraft) -> tuple[str | None, str, date | None]:
    """Return the columns of the figure that is expected: the figure, its unit, its day."""
    if draft.expected is None:
        return None, "", None
    return str(draft.expected.figure), draft.expected.unit, draft.expected.check_on


def _gone(project: ProjectKey) -> NotFoundError:
    return NotFoundError(f"I know no project {project} here.")


def _is_shared(project: ProjectKey) -> HomeIsSharedError:
    return HomeIsSharedError(f"People of another company read the channel of {project}.")


def _logged(new: NewAssumption) -> str:
    draft = new.draft
    asked = tuple(person.user for person in draft.stakeholders if not person.is_backup)
    what = Logged(
        statement=draft.statement,
        owner=draft.owner,
        impact=draft.impact,
        quorum=draft.quorum,
        stakeholders=asked,
        by_workflow=new.by_workflow,
    )
    return to_json(happenings.to_data(what))


_SHARED = "SELECT 1 FROM channel WHERE workspace = ? AND channel = ? AND is_shared"
_INBOX = (
    "INSERT INTO inbox (workspace, source, delivery, received_at) VALUES (?, ?, ?, ?)"
    " ON CONFLICT DO NOTHING"
)
_NUMBER = (
    "UPDATE project SET last_number = last_number + 1 WHERE workspace = ? AND project = ?"
    " RETURNING last_number"
)
_ASSUMPTION = (
    "INSERT INTO assumption (workspace, assumption, project, number, statement, owner, impact,"
    " confidence_percent, validate_by, consequence, quorum, tags, services, permalink, channel,"
    " status, accepted_reason, expected, unit, check_on, logged_by, logged_at, version, last_seq)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'unvalidated', '', ?, ?, ?, ?, ?, 1, 1)"
)
_STAKEHOLDER = (
    "INSERT INTO stakeholder (workspace, assumption, user_id, position, is_backup, is_released,"
    " round) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_HISTORY = (
    "INSERT INTO history (workspace, assumption, seq, at, by_user, kind, data)"
    " VALUES (?, ?, 1, ?, ?, 'logged', ?)"
)
_PROMPT = (
    "INSERT INTO prompt (workspace, assumption, stakeholder, round, kind, attempt, due_at,"
    " first_due_at, reason, waited, state, outcome)"
    " VALUES (?, ?, ?, 1, 'ask', 1, ?, ?, ?, '', 'planned', '')"
)
_CARD = (
    "INSERT INTO outbox (workspace, kind, about, recipient, occasion, revision, state, wanted_at,"
    " due_at, attempts, is_repeat, error)"
    " VALUES (?, 'card', ?, ?, '', 1, 'pending', ?, ?, 0, 0, '')"
)


def _log_on_sqlite(tx: Connection, new: NewAssumption) -> int | None:
    driver = cast(sqlite3.Connection, tx.connection.driver_connection)
    run = driver.execute
    workspace, draft, at = new.workspace, new.draft, sqlite_moment(new.at)
    if new.unless_shared and run(_SHARED, (workspace, new.home)).fetchone() is not None:
        raise _is_shared(new.project)
    if new.delivery is not None:
        delivered = (workspace, new.delivery.source, new.delivery.key, at)
        if run(_INBOX, delivered).rowcount == 0:
            return None
    numbered = run(_NUMBER, (workspace, new.project)).fetchone()
    if numbered is None:
        raise _gone(new.project)
    number: int = numbered[0]
    key = AssumptionKey(new.project, number)
    name = str(key)
    expected, unit, check_on = _measure(draft)
    run(
        _ASSUMPTION,
        (
            workspace,
            name,
            new.project,
            number,
            draft.statement,
            draft.owner,
            draft.impact.value,
            draft.confidence_percent,
            draft.validate_by and draft.validate_by.isoformat(),
            draft.consequence,
            draft.quorum.value,
            to_json(draft.tags),
            to_json(draft.services),
            draft.permalink,
            draft.channel,
            expected,
            unit,
            check_on and check_on.isoformat(),
            new.by,
            at,
        ),
    )
    for position, person in enumerate(draft.stakeholders):
        flags = (person.is_backup, person.is_released, person.round)
        run(_STAKEHOLDER, (workspace, name, person.user, position, *flags))
    run(_HISTORY, (workspace, name, at, new.by, _logged(new)))
    for ask in new.asks:
        due_at = sqlite_moment(ask.due_at)
        run(_PROMPT, (workspace, name, ask.stakeholder, due_at, due_at, ask.reason))
    run(_CARD, (workspace, name, new.home, at, at))
    words = full_text.sqlite_words(workspace, key, draft.statement, draft.services)
    run(full_text.SQLITE_ADD, (words, workspace, name))
    return number


# A data-modifying CTE runs before what reads it, so the delivery is checked before a number is
# taken, and the rows of an assumption exist only if it got one.
_LOG = """
WITH first AS (
  INSERT INTO inbox (workspace, source, delivery, received_at)
  SELECT $1::text, $2::text, $3::text, $4::timestamptz WHERE $2 IS NOT NULL
  ON CONFLICT DO NOTHING RETURNING 1
), numbered AS (
  SELECT last_number, $5 || '-' || last_number AS assumption FROM (
    SELECT nextval($28::text::regclass)::int AS last_number FROM project
    WHERE workspace = $1 AND project = $5::text AND ($2 IS NULL OR EXISTS (SELECT FROM first))
  ) AS counted
), stored AS (
  INSERT INTO assumption (workspace, assumption, project, number, statement, owner, impact,
    confidence_percent, validate_by, consequence, quorum, tags, services, permalink, channel,
    status, accepted_reason, expected, unit, check_on, logged_by, logged_at, version, last_seq)
  SELECT $1, assumption, $5, last_number, $6::text, $7::text, $8::text,
    $9::int, $10::date, $11::text, $12::text, $13::text, $14::text, $15::text, $16::text,
    'unvalidated', '', $29::text, $30::text, $31::date, $17::text, $4, 1, 1
  FROM numbered
), people AS (
  INSERT INTO stakeholder (workspace, assumption, user_id, position, is_backup, is_released, round)
  SELECT $1, assumption, user_id, position - 1, is_backup, is_released, round
  FROM numbered, unnest($18::text[], $19::bool[], $20::bool[], $21::int[])
    WITH ORDINALITY AS p (user_id, is_backup, is_released, round, position)
), told AS (
  INSERT INTO history (workspace, assumption, seq, at, by_user, kind, data)
  SELECT $1, assumption, 1, $4, $17, 'logged', $22::text FROM numbered
), asked AS (
  INSERT INTO prompt (workspace, assumption, stakeholder, round, kind, attempt, due_at,
    first_due_at, reason, waited, state, outcome)
  SELECT $1, assumption, stakeholder, 1, 'ask', 1, due_at, due_at, reason, '', 'planned', ''
  FROM numbered, unnest($23::text[], $24::timestamptz[], $25::text[])
    AS a (stakeholder, due_at, reason)
), card AS (
  INSERT INTO outbox (workspace, kind, about, recipient, occasion, revision, state, wanted_at,
    due_at, attempts, is_repeat, error)
  SELECT $1, 'card', assumption, $26::text, '', 1, 'pending', $4, $4, 0, false, '' FROM numbered
), found_by AS (
  INSERT INTO assumption_text (workspace, assumption, words)
  SELECT $1, assumption, array_to_tsvector($27::text[]) FROM numbered
)
SELECT (SELECT last_number FROM numbered), $2 IS NULL OR EXISTS (SELECT FROM first),
  EXISTS (SELECT FROM channel WHERE workspace = $1 AND channel = $26 AND is_shared)
"""


def _log_on_postgresql(tx: Connection, new: NewAssumption) -> int | None:
    draft, delivery, people, asks = new.draft, new.delivery, new.draft.stakeholders, new.asks
    values: tuple[Any, ...] = (
        new.workspace,
        delivery and delivery.source,
        delivery and delivery.key,
        utc(new.at),
        new.project,
        draft.statement,
        draft.owner,
        draft.impact.value,
        draft.confidence_percent,
        draft.validate_by,
        draft.consequence,
        draft.quorum.value,
        to_json(draft.tags),
        to_json(draft.services),
        draft.permalink,
        draft.channel,
        new.by,
        [person.user for person in people],
        [person.is_backup for person in people],
        [person.is_released for person in people],
        [person.round for person in people],
        _logged(new),
        [ask.stakeholder for ask in asks],
        [utc(ask.due_at) for ask in asks],
        [ask.reason for ask in asks],
        new.home,
        full_text.terms_of(new.workspace, draft.statement, draft.services),
        numbers_of(new.workspace, new.project),
        *_measure(draft),
    )
    number, is_first, is_shared = tx.exec_driver_sql(_LOG, values).one()
    if not is_first:
        return None
    if new.unless_shared and is_shared:  # what was written goes with the transaction
        raise _is_shared(new.project)
    if number is None:
        raise _gone(new.project)
    return int(number)
