"""Create every table.

Safe while the old version runs: there is none before it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.create_table(
        "assumption",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("impact", sa.Text(), nullable=False),
        sa.Column("confidence_percent", sa.Integer(), nullable=True),
        sa.Column("validate_by", sa.Date(), nullable=True),
        sa.Column("consequence", sa.Text(), nullable=False),
        sa.Column("quorum", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_until", sa.Date(), nullable=True),
        sa.Column("accepted_reason", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("check_on", sa.Date(), nullable=True),
        sa.Column("actual", sa.Text(), nullable=True),
        sa.Column("logged_by", sa.Text(), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "assumption", name="pk_assumption"),
    )
    op.create_table(
        "installation",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("bot_token", sa.Text(), nullable=True),
        sa.Column("scopes", sa.Text(), nullable=False),
        sa.Column("app_id", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=True),
        sa.Column("is_org", sa.Boolean(), nullable=False),
        sa.Column("is_installed", sa.Boolean(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_for", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_installation"),
    )
    op.create_index("ix_installation_changed_at", "installation", ["changed_at"])
    op.create_index(
        "ix_installation_gone",
        "installation",
        ["workspace"],
        sqlite_where=sa.text("NOT is_installed"),
        postgresql_where=sa.text("NOT is_installed"),
    )
    op.create_table(
        "oauth_state",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state", name="pk_oauth_state"),
    )
    op.create_table(
        "attention",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("digest_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("silent_in_a_row", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trial", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "user_id", name="pk_attention"),
    )
    op.create_table(
        "home",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "user_id", name="pk_home"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heartbeat",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_heartbeat"),
    )
    op.create_table(
        "working_hours",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("weekdays", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "user_id", name="pk_working_hours"),
    )
    op.create_table(
        "channel",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "channel", name="pk_channel"),
    )
    op.create_index("ix_channel_due", "channel", ["due_at"])
    op.create_table(
        "channel_member",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "channel"],
            ["channel.workspace", "channel.channel"],
            name="fk_channel_member_channel",
        ),
        sa.PrimaryKeyConstraint("workspace", "channel", "user_id", name="pk_channel_member"),
    )
    op.create_table(
        "draft",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("by_user", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "draft", name="pk_draft"),
    )
    op.create_table(
        "listening",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("by_user", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "channel", name="pk_listening"),
    )
    op.create_table(
        "listening_offer",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("offered_on", sa.Date(), nullable=True),
        sa.Column("is_refused", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "channel", "user_id", name="pk_listening_offer"),
    )
    op.create_table(
        "inbox",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "source", "delivery", name="pk_inbox"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "member",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("is_bot", sa.Boolean(), nullable=False),
        sa.Column("is_deactivated", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("is_guest", sa.Boolean(), nullable=False),
        sa.Column("is_stranger", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "user_id", name="pk_member"),
    )
    op.create_table(
        "outbox",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("replaces_ts", sa.Text(), nullable=True),
        sa.Column("is_repeat", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lapses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint(
            "workspace", "kind", "about", "recipient", "occasion", name="pk_outbox"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at"],
        sqlite_where=sa.text("state IN ('pending', 'unknown')"),
        postgresql_where=sa.text("state IN ('pending', 'unknown')"),
    )
    op.create_index(
        "ix_outbox_message",
        "outbox",
        ["workspace", "channel", "ts"],
        sqlite_where=sa.text("ts IS NOT NULL"),
        postgresql_where=sa.text("ts IS NOT NULL"),
    )
    op.create_table(
        "slack_wait",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("call", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "call", name="pk_slack_wait"),
    )
    op.create_table(
        "project",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cycle_start", sa.Date(), nullable=False),
        sa.Column("cadence", sa.Text(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "project", name="pk_project"),
    )
    op.create_index(
        "ix_project_workspace_channel", "project", ["workspace", "channel"], unique=True
    )
    op.create_table(
        "setback",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes_down", sa.Integer(), nullable=True),
        sa.Column("working_days_slipped", sa.Text(), nullable=True),
        sa.Column("money_amount", sa.Text(), nullable=True),
        sa.Column("money_currency", sa.Text(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("permalink", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into", sa.Integer(), nullable=True),
        sa.Column("merged_by", sa.Text(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "number", name="pk_setback"),
    )
    op.create_index(
        "ix_setback_merged",
        "setback",
        ["workspace", "merged_into"],
        postgresql_where=sa.text("merged_into IS NOT NULL"),
        sqlite_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_table(
        "service",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("runbook", sa.Text(), nullable=True),
        sa.Column("docs", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "service", name="pk_service"),
    )
    op.create_table(
        "webhook_endpoint",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=True),
        sa.Column("secrets", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("workspace", "endpoint", name="pk_webhook_endpoint"),
    )
    op.create_table(
        "setback_origin",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("setback", sa.Integer(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("knows_start", sa.Boolean(), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_merged", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "setback"],
            ["setback.workspace", "setback.number"],
            name="fk_setback_origin_setback",
        ),
        sa.PrimaryKeyConstraint("workspace", "endpoint", "external_id", name="pk_setback_origin"),
    )
    op.create_table(
        "workspace",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("bot_id", sa.Text(), nullable=False),
        sa.Column("installed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", name="pk_workspace"),
    )
    op.create_table(
        "notice",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "project", "kind", name="pk_notice"),
    )
    op.create_index("ix_notice_due", "notice", ["due_at"])
    op.create_table(
        "dependency",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_dependency_assumption",
        ),
        sa.PrimaryKeyConstraint("workspace", "assumption", "depends_on", name="pk_dependency"),
    )
    op.create_index("ix_dependency_workspace_depends_on", "dependency", ["workspace", "depends_on"])
    _create_full_text()
    op.create_table(
        "history",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_user", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_history_assumption",
        ),
        sa.PrimaryKeyConstraint("workspace", "assumption", "seq", name="pk_history"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "prompt",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("stakeholder", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("waited", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=True),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lapses", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_prompt_assumption",
        ),
        sa.PrimaryKeyConstraint(
            "workspace", "assumption", "stakeholder", "round", "kind", "attempt", name="pk_prompt"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_prompt_batch",
        "prompt",
        ["workspace", "batch"],
        sqlite_where=sa.text("batch IS NOT NULL"),
        postgresql_where=sa.text("batch IS NOT NULL"),
    )
    op.create_index(
        "ix_prompt_due",
        "prompt",
        ["due_at"],
        sqlite_where=sa.text("state = 'planned'"),
        postgresql_where=sa.text("state = 'planned'"),
    )
    op.create_index(
        "ix_prompt_message",
        "prompt",
        ["workspace", "channel", "ts"],
        sqlite_where=sa.text("ts IS NOT NULL"),
        postgresql_where=sa.text("ts IS NOT NULL"),
    )
    op.create_table(
        "stakeholder",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_backup", sa.Boolean(), nullable=False),
        sa.Column("is_released", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_stakeholder_assumption",
        ),
        sa.PrimaryKeyConstraint("workspace", "assumption", "user_id", name="pk_stakeholder"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_stakeholder_asked",
        "stakeholder",
        ["workspace", "user_id"],
        sqlite_where=sa.text("is_released = 0"),
        postgresql_where=sa.text("NOT is_released"),
    )
    op.create_table(
        "trace",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("setback", sa.Integer(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("is_unlogged", sa.Boolean(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_trace_assumption",
        ),
        sa.ForeignKeyConstraint(
            ["workspace", "setback"],
            ["setback.workspace", "setback.number"],
            name="fk_trace_setback",
        ),
        sa.PrimaryKeyConstraint("workspace", "setback", "assumption", name="pk_trace"),
    )
    op.create_index("ix_trace_workspace_assumption", "trace", ["workspace", "assumption"])


def _create_full_text() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # The dot joins a word to its workspace, so it must not part them again.
        op.execute(
            "CREATE VIRTUAL TABLE assumption_text USING fts5(words, workspace UNINDEXED,"
            " assumption UNINDEXED, tokenize = \"unicode61 remove_diacritics 0 tokenchars '.'\")"
        )
        return
    op.create_table(
        "assumption_text",
        sa.Column("workspace", sa.Text(), nullable=False),
        sa.Column("assumption", sa.Text(), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace", "assumption"],
            ["assumption.workspace", "assumption.assumption"],
            name="fk_assumption_text_assumption",
        ),
        sa.PrimaryKeyConstraint("workspace", "assumption", name="pk_assumption_text"),
    )
    op.create_index(
        "ix_assumption_text_words",
        "assumption_text",
        ["words"],
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
    )


def downgrade() -> None:
    for table in (
        "assumption_text",
        "setback_origin",
        "webhook_endpoint",
        "service",
        "trace",
        "dependency",
        "notice",
        "stakeholder",
        "prompt",
        "history",
        "assumption",
        "workspace",
        "setback",
        "project",
        "slack_wait",
        "outbox",
        "member",
        "inbox",
        "listening_offer",
        "listening",
        "draft",
        "channel_member",
        "channel",
        "working_hours",
        "heartbeat",
        "home",
        "attention",
        "oauth_state",
        "installation",
    ):
        op.drop_table(table)  # and its indexes
