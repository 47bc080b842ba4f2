"""Every table. The workspace comes first in each primary key and in each index.

The exceptions are the indexes of due rows, by which the worker's claims, the queries across
workspaces, find their work.

Apart from keys the indexes are few, and partial: while PostgreSQL has no statistics it may take
any index that begins with the workspace for a lookup by key (measured: 20 times as slow), but not
one whose condition the query does not name. On SQLite the tables that logging writes have no
rowid: each row is in one tree less, and pages are what a commit costs.

Names that SQL reserves are avoided: `user` unquoted is PostgreSQL's own account, silently.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR

from bot.domain.assumption import Impact, Quorum, Status
from bot.domain.notice import NoticeKind
from bot.domain.outbox import CallKind, MessageKind, MessageState
from bot.domain.prompt import PromptKind, PromptState
from bot.domain.setback import SetbackKind, Severity
from bot.domain.trace import Role, TraceState
from bot.domain.webhook import WebhookSource
from bot.store.types import Json, Key, TypedText, UtcDateTime, Word

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _key(name: str, type_: Any = Text) -> Column[Any]:
    return Column(name, type_, primary_key=True, autoincrement=False)


def _needed(name: str, type_: Any = Text) -> Column[Any]:
    return Column(name, type_, nullable=False)


def _lapses() -> Column[Any]:
    """Claims in a row that ended by themselves: nobody wrote down what became of the row."""
    return Column("lapses", Integer, nullable=False, server_default=text("0"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def _of_assumption() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["workspace", "assumption"], ["assumption.workspace", "assumption.assumption"]
    )


workspace = Table(
    "workspace",
    metadata,
    _key("workspace"),
    _needed("name", TypedText),
    _needed("bot_user"),
    _needed("bot_id"),
    _needed("installed_at", UtcDateTime),
)

# A token is sealed; it is null where the environment holds it, and once it was taken back.
installation = Table(
    "installation",
    metadata,
    _key("workspace"),
    Column("bot_token", Text),
    _needed("scopes", Json),
    _needed("app_id"),
    Column("installed_by", Text),
    _needed("is_org", Boolean),
    _needed("is_installed", Boolean),
    Column("installed_at", UtcDateTime),
    Column("removed_at", UtcDateTime),
    _needed("removed_for"),
    _needed("changed_at", UtcDateTime),  # by the database's clock
    Index(None, "changed_at"),
    Index("ix_installation_gone", "workspace", **_where("NOT is_installed")),
)

oauth_state = Table(
    "oauth_state",
    metadata,
    _key("state"),  # its hash, as is the next
    _needed("browser"),
    _needed("expires_at", UtcDateTime),
)

member = Table(
    "member",
    metadata,
    _key("workspace"),
    _key("user_id"),
    _needed("name", TypedText),
    _needed("zone"),
    _needed("locale"),
    _needed("is_bot", Boolean),
    _needed("is_deactivated", Boolean),
    _needed("is_admin", Boolean),
    _needed("is_guest", Boolean),
    _needed("is_stranger", Boolean),
    _needed("seen_at", UtcDateTime),
)

# What a person set of their own working time; a null is left to their zone and to office hours.
working_hours = Table(
    "working_hours",
    metadata,
    _key("workspace"),
    _key("user_id"),
    Column("starts", Time),
    Column("ends", Time),
    Column("weekdays", Json),
    Column("country", Text),
    Column("away_until", Date),
)

# What is remembered of asking one person. Whoever hands questions over locks the row, so that two
# workers cannot each send the one message of a day.
attention = Table(
    "attention",
    metadata,
    _key("workspace"),
    _key("user_id"),
    Column("digest_at", UtcDateTime),
    Column("urgent_at", UtcDateTime),
    Column("unreachable_at", UtcDateTime),
    _needed("silent_in_a_row", Integer),
    Column("open_until", UtcDateTime),
    Column("trial", Key),
)

# Who has opened Home, when they last did, and which page of it they look at.
home = Table(
    "home",
    metadata,
    _key("workspace"),
    _key("user_id"),
    _needed("opened_at", UtcDateTime),
    _needed("place"),  # as `HomePlace` writes it
    sqlite_with_rowid=False,
)

# When due work was last looked for; a gap is time in which nothing could be sent.
heartbeat = Table(
    "heartbeat",
    metadata,
    _key("workspace"),
    _needed("at", UtcDateTime),
)

# Channels as Slack last described them. A row without `seen_at` is one that it never described, or
# hides from the bot: it counts as private.
channel = Table(
    "channel",
    metadata,
    _key("workspace"),
    _key("channel"),
    _needed("name", TypedText),
    _needed("is_private", Boolean),
    _needed("is_shared", Boolean),
    _needed("is_archived", Boolean),
    Column("seen_at", UtcDateTime),
    _needed("due_at", UtcDateTime),  # when Slack is asked again
    Index("ix_channel_due", "due_at"),
)

# Who reads a private channel: as Slack says, or where it says nothing, who was just met there.
channel_member = Table(
    "channel_member",
    metadata,
    _key("workspace"),
    _key("channel"),
    _key("user_id"),
    _needed("seen_at", UtcDateTime),
    ForeignKeyConstraint(["workspace", "channel"], ["channel.workspace", "channel.channel"]),
)

project = Table(
    "project",
    metadata,
    _key("workspace"),
    _key("project"),
    _needed("name", TypedText),
    _needed("channel"),
    _needed("lead"),
    _needed("created_at", UtcDateTime),
    _needed("cycle_start", Date),
    _needed("cadence", Json),  # what differs from the settings' cadence
    _needed("last_number", Integer),  # of its assumptions, on SQLite; see `project.numbers_of`
    Index(None, "workspace", "channel", unique=True),
)

assumption = Table(
    "assumption",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _needed("project"),
    _needed("number", Integer),
    _needed("statement", TypedText),
    _needed("owner"),
    _needed("impact", Word(Impact)),
    Column("confidence_percent", Integer),
    Column("validate_by", Date),
    _needed("consequence", TypedText),
    _needed("quorum", Word(Quorum)),
    _needed("tags", Json),
    _needed("services", Json),
    Column("permalink", TypedText),
    _needed("channel"),
    _needed("status", Word(Status)),
    Column("valid_until", UtcDateTime),
    Column("accepted_until", Date),
    _needed("accepted_reason", TypedText),
    Column("expected", Text),  # a decimal as text: SQLite has none
    _needed("unit", TypedText),
    Column("check_on", Date),
    Column("actual", Text),
    _needed("logged_by"),
    _needed("logged_at", UtcDateTime),
    _needed("version", Integer),
    _needed("last_seq", Integer),  # of its history
    # Without a reference to its project: the check would lock that one row in each transaction
    # that logs, and logging reads the project anyway.
)

stakeholder = Table(
    "stakeholder",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _key("user_id"),
    _needed("position", Integer),  # in the order they were named, from 0
    _needed("is_backup", Boolean),
    _needed("is_released", Boolean),
    _needed("round", Integer),
    _of_assumption(),
    Index(
        "ix_stakeholder_asked",
        "workspace",
        "user_id",
        sqlite_where=text("is_released = 0"),  # as SQLAlchemy says it there, or it does not serve
        postgresql_where=text("NOT is_released"),
    ),
    sqlite_with_rowid=False,
)

history = Table(
    "history",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _key("seq", Integer),
    _needed("at", UtcDateTime),
    Column("by_user", Text),
    _needed("kind"),
    _needed("data", Json),
    _of_assumption(),
    sqlite_with_rowid=False,
)

prompt = Table(
    "prompt",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _key("stakeholder"),
    _key("round", Integer),
    _key("kind", Word(PromptKind)),
    _key("attempt", Integer),
    _needed("due_at", UtcDateTime),
    _needed("first_due_at", UtcDateTime),
    _needed("reason", TypedText),
    _needed("waited"),
    _needed("state", Word(PromptState)),
    Column("batch", Text),
    Column("attempted_at", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("channel", Text),
    Column("ts", Text),
    _needed("outcome"),
    Column("leased_until", UtcDateTime),  # by the database's clock
    Column("lease_token", Text),
    _lapses(),
    _of_assumption(),
    Index("ix_prompt_due", "due_at", **_where("state = 'planned'")),
    Index("ix_prompt_batch", "workspace", "batch", **_where("batch IS NOT NULL")),
    Index("ix_prompt_message", "workspace", "channel", "ts", **_where("ts IS NOT NULL")),
    sqlite_with_rowid=False,
)

outbox = Table(
    "outbox",
    metadata,
    _key("workspace"),
    _key("kind", Word(MessageKind)),
    _key("about"),
    _key("recipient"),
    _key("occasion"),
    _needed("revision", Integer),
    _needed("state", Word(MessageState)),
    _needed("wanted_at", UtcDateTime),  # it could have been sent since, however often it failed
    _needed("due_at", UtcDateTime),
    _needed("attempts", Integer),
    Column("channel", Text),
    Column("ts", Text),
    Column("replaces_ts", Text),  # of the message that somebody deleted, once it is posted anew
    _needed("is_repeat", Boolean),
    _needed("error"),
    Column("sent_at", UtcDateTime),
    # By the database's clock; without a token the message is due then, at the latest.
    Column("leased_until", UtcDateTime),
    Column("lease_token", Text),
    _lapses(),
    Index("ix_outbox_due", "due_at", **_where("state IN ('pending', 'unknown')")),
    Index("ix_outbox_message", "workspace", "channel", "ts", **_where("ts IS NOT NULL")),
    sqlite_with_rowid=False,
)

# Where Slack asked us to wait: no process makes such a call for the workspace before then.
slack_wait = Table(
    "slack_wait",
    metadata,
    _key("workspace"),
    _key("call", Word(CallKind)),
    _needed("until", UtcDateTime),  # by the database's clock
)

inbox = Table(
    "inbox",
    metadata,
    _key("workspace"),
    _key("source"),
    _key("delivery"),
    _needed("received_at", UtcDateTime),
    sqlite_with_rowid=False,
)

setback = Table(
    "setback",
    metadata,
    _key("workspace"),
    _key("number", Integer),
    _needed("kind", Word(SetbackKind)),
    _needed("text", TypedText),
    _needed("started_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("minutes_down", Integer),
    Column("working_days_slipped", Text),  # a decimal as text: SQLite has none
    Column("money_amount", Text),
    Column("money_currency", Text),
    Column("severity", Word(Severity)),
    _needed("services", Json),
    Column("project", Text),
    _needed("channel"),
    Column("permalink", TypedText),
    _needed("source"),
    _needed("recorded_by"),
    _needed("recorded_at", UtcDateTime),
    Column("first_started_at", UtcDateTime),  # set once its start was corrected
    Column("merged_into", Integer),  # the number of the one that is kept
    Column("merged_by", Text),
    Column("merged_at", UtcDateTime),
    _needed("version", Integer),
    Index("ix_setback_merged", "workspace", "merged_into", **_where("merged_into IS NOT NULL")),
)

trace = Table(
    "trace",
    metadata,
    _key("workspace"),
    _key("setback", Integer),
    _key("assumption", Key),
    _needed("state", Word(TraceState)),
    Column("role", Word(Role)),
    _needed("as_of", Json),
    _needed("is_unlogged", Boolean),
    _needed("rank", Integer),
    _needed("reasons", Json),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    ForeignKeyConstraint(["workspace", "setback"], ["setback.workspace", "setback.number"]),
    _of_assumption(),
    Index(None, "workspace", "assumption"),
)

webhook_endpoint = Table(
    "webhook_endpoint",
    metadata,
    _key("workspace"),
    _key("endpoint"),
    _needed("source", Word(WebhookSource)),
    _needed("token"),
    _needed("channel"),
    Column("project", Text),
    _needed("secrets", Json),
    _needed("added_at", UtcDateTime),
    Column("heard_at", UtcDateTime),
)

# Which setback it is that a tool calls so. It outlives its endpoint.
setback_origin = Table(
    "setback_origin",
    metadata,
    _key("workspace"),
    _key("endpoint"),
    _key("external_id"),
    _needed("setback", Integer),
    _needed("told", Json),  # by the tool, whatever people changed since
    _needed("at", UtcDateTime),
    _needed("knows_start", Boolean),
    Column("over_at", UtcDateTime),
    _needed("is_merged", Boolean),
    ForeignKeyConstraint(["workspace", "setback"], ["setback.workspace", "setback.number"]),
)

service = Table(
    "service",
    metadata,
    _key("workspace"),
    _key("service"),  # its name as `service.key_of` writes it
    _needed("name", TypedText),
    _needed("owner", TypedText),
    Column("runbook", TypedText),
    _needed("docs", Json),
)

notice = Table(
    "notice",
    metadata,
    _key("workspace"),
    _key("project"),
    _key("kind", Word(NoticeKind)),
    _needed("due_at", UtcDateTime),
    Index("ix_notice_due", "due_at"),
)

dependency = Table(
    "dependency",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _key("depends_on", Key),
    _of_assumption(),
    Index(None, "workspace", "depends_on"),
)

# The channels whose messages are read for what sounds like an assumption.
listening = Table(
    "listening",
    metadata,
    _key("workspace"),
    _key("channel"),
    _needed("by_user"),
    _needed("since", UtcDateTime),
)

# When somebody was last offered to log what they said there; of the message nothing is kept.
listening_offer = Table(
    "listening_offer",
    metadata,
    _key("workspace"),
    _key("channel"),
    _key("user_id"),
    Column("offered_on", Date),  # where the person is
    _needed("is_refused", Boolean),  # they want no more of them in this channel
)

draft = Table(
    "draft",
    metadata,
    _key("workspace"),
    _key("draft"),
    _needed("by_user"),
    _needed("text", TypedText),
    Column("channel", Text),
    _needed("kept_at", UtcDateTime),
)

# The words of each statement, by which full text finds it: on PostgreSQL as below, on SQLite a
# virtual table of the same name with the columns `words`, `workspace` and `assumption`.
assumption_text = Table(
    "assumption_text",
    metadata,
    _key("workspace"),
    _key("assumption", Key),
    _needed("words", TSVECTOR().with_variant(Text(), "sqlite")),
    _of_assumption(),
    # Each word of a query asks the index, and each would walk the list of what waits to go into it.
    Index(None, "words", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
)
