"""Installs, removals and unfinished installs, in every order, on both engines."""

import asyncio
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from bot.domain.errors import FatalError
from bot.domain.ids import ChannelId, UserId, WorkspaceId
from bot.domain.installation import Installation
from bot.domain.webhook import WebhookSource
from bot.domain.workspace import Workspace
from bot.store.cipher import Cipher, new_key
from bot.store.database import open_database
from bot.usecases.installation import (
    Begun,
    begin_install,
    check_keys,
    finish_install,
    install,
    installation_state,
    installation_states,
    installations_of,
    note_removal,
    seal_anew,
    unreadable_tokens,
)
from bot.usecases.webhook import add_endpoint, get_endpoint

HERE, ELSEWHERE = WorkspaceId("T0HERE"), WorkspaceId("T0ELSE")
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
KEY = new_key()
TOKEN = "xoxb-canary-"


def make_installation(at: datetime = NOON, workspace: WorkspaceId = HERE) -> Installation:
    return Installation(
        workspace=Workspace(
            id=workspace, name="Acme", bot_user=UserId("U0BOT"), bot_id="B0BOT", installed_at=at
        ),
        bot_token=f"{TOKEN}{at:%H%M%S}",
        scopes=frozenset({"commands", "chat:write"}),
        app_id="A0APP",
        installed_by=UserId("U0ANA"),
    )


@pytest.fixture
def keyed(tx: Connection) -> Iterator[Connection]:
    yield tx.execution_options(cipher=Cipher.from_text(KEY))
    tx.execution_options(cipher=None)  # the connection is lent to other tests


def dump_of(tx: Connection) -> str:
    return str(tx.execute(text("SELECT * FROM installation")).all())


def test_an_install_is_kept_sealed_and_comes_back(keyed: Connection) -> None:
    new = make_installation()

    installed = install(keyed, new, keeps_token=True)

    assert installed == new
    assert installations_of(keyed, HERE, ELSEWHERE) == [new]
    assert TOKEN not in dump_of(keyed)


# What Slack may tell, each with its moment: two installs, and both words of each removal.
TOLD: list[tuple[str, int]] = [
    ("install", 10),
    ("app_uninstalled", 20),
    ("tokens_revoked", 21),
    ("install", 30),
    ("tokens_revoked", 40),
    ("app_uninstalled", 40),
]


def tell(tx: Connection, told: Iterable[tuple[str, int]]) -> None:
    for word, second in told:
        at = NOON + second * SECOND
        if word == "install":
            install(tx, make_installation(at), keeps_token=True)
        else:
            note_removal(tx, HERE, at=at, reason=word)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(count=st.integers(1, len(TOLD)), data=st.data())
def test_the_newest_word_counts_in_whatever_order_it_is_heard(
    keyed: Connection, count: int, data: st.DataObject
) -> None:
    known = TOLD[:count]
    heard = data.draw(st.permutations(known + data.draw(st.lists(st.sampled_from(known)))))
    outer = keyed.begin_nested()

    tell(keyed, heard)

    is_installed = known[-1][0] == "install"
    state = installation_state(keyed, HERE)
    assert state is not None
    assert state.is_installed is is_installed
    tokens = [one.bot_token for one in installations_of(keyed, HERE)]
    assert tokens == ([f"{TOKEN}{NOON + known[-1][1] * SECOND:%H%M%S}"] if is_installed else [])
    outer.rollback()


def test_every_order_of_a_removal_and_a_return_ends_with_the_new_token(keyed: Connection) -> None:
    orders = list(permutations(TOLD[:4])) * 5

    for order in orders:
        outer = keyed.begin_nested()
        tell(keyed, order)
        assert [one.bot_token for one in installations_of(keyed, HERE)] == [f"{TOKEN}120030"]
        outer.rollback()

    assert len(orders) >= 100


def test_a_token_that_works_counts_whatever_the_clocks_said(keyed: Connection) -> None:
    note_removal(keyed, HERE, at=NOON + SECOND, reason="app_uninstalled")
    refused = install(keyed, make_installation(), keeps_token=True)

    taken = install(keyed, make_installation(), keeps_token=True, is_alive=True)

    assert refused is None
    assert taken is not None
    assert taken.workspace.installed_at > NOON + SECOND
    assert installations_of(keyed, HERE) == [taken]


def test_a_token_of_the_environment_stays_there(tx: Connection) -> None:
    install(tx, make_installation(), keeps_token=False)

    assert [one.is_installed for one in installation_states(tx)] == [True]
    assert installations_of(tx, HERE) == []
    assert TOKEN not in dump_of(tx)


def test_what_changed_of_late_is_all_that_is_read_again(keyed: Connection) -> None:
    install(keyed, make_installation(), keeps_token=True)
    keyed.execute(text("UPDATE installation SET changed_at = '2026-01-01 00:00:00.000000+00'"))
    install(keyed, make_installation(workspace=ELSEWHERE), keeps_token=True)

    changed = installation_states(keyed, changed_within=timedelta(minutes=1))

    assert [one.workspace for one in changed] == [ELSEWHERE]


def test_all_is_sealed_with_the_new_key_and_the_old_one_can_go(keyed: Connection) -> None:
    new_ = new_key()
    install(keyed, make_installation(), keeps_token=True)
    rotating = keyed.execution_options(cipher=Cipher.from_text(f"{new_},{KEY}"))

    first, second = seal_anew(rotating), seal_anew(rotating)

    assert (first, second) == ((1, 0), (0, 0))
    with_new = keyed.execution_options(cipher=Cipher.from_text(new_))
    assert installations_of(with_new, HERE) == [make_installation()]
    with pytest.raises(FatalError, match="STILLTRUE_ENCRYPTION_KEYS"):
        seal_anew(with_new.execution_options(cipher=Cipher.from_text(KEY)))


def test_a_webhook_s_secret_is_sealed_where_there_is_a_key_and_found_missing_at_the_start(
    keyed: Connection,
) -> None:
    install(keyed, make_installation(), keeps_token=True)
    opened = add_endpoint(
        keyed, HERE, WebhookSource.GITHUB, channel=ChannelId("C1"), project=None, now=NOON
    )
    assert opened.secret is not None

    stored = str(keyed.execute(text("SELECT secrets FROM webhook_endpoint")).all())
    found = get_endpoint(keyed, HERE, opened.endpoint.id)

    check_keys(keyed)
    assert opened.secret not in stored
    assert [one.value for one in found.secrets] == [opened.secret]
    with pytest.raises(FatalError, match="STILLTRUE_ENCRYPTION_KEYS"):
        check_keys(keyed.execution_options(cipher=None))


def test_what_was_tampered_with_keeps_the_rest_from_neither_the_start_nor_a_new_key(
    keyed: Connection,
) -> None:
    new_ = new_key()
    for workspace in (HERE, ELSEWHERE):
        install(keyed, make_installation(workspace=workspace), keeps_token=True)
        add_endpoint(
            keyed, workspace, WebhookSource.GITHUB, channel=ChannelId("C1"), project=None, now=NOON
        )
    keyed.execute(text("UPDATE installation SET bot_token = 'x' WHERE workspace = 'T0HERE'"))
    keyed.execute(
        text(
            "UPDATE webhook_endpoint SET secrets = (SELECT secrets FROM webhook_endpoint "
            "WHERE workspace = 'T0ELSE') WHERE workspace = 'T0HERE'"
        )
    )

    with capture_logs() as lines:
        check_keys(keyed)
    rotated = seal_anew(keyed.execution_options(cipher=Cipher.from_text(f"{new_},{KEY}")))

    assert rotated == (1, 1)
    with_new = keyed.execution_options(cipher=Cipher.from_text(new_))
    assert [one.workspace.id for one in installations_of(with_new, HERE, ELSEWHERE)] == [ELSEWHERE]
    assert [one.workspace for one in unreadable_tokens(with_new)] == [HERE]
    assert [(line["event"], line["workspace"]) for line in lines] == [("webhook.unreadable", HERE)]


def test_an_install_is_finished_once_in_time_and_where_it_began(tx: Connection) -> None:
    for state in ("one", "two"):
        begin_install(tx, state, "browser", now=NOON)
    later = NOON + timedelta(minutes=9, seconds=59)

    told = [
        finish_install(tx, "one", "another", now=later),
        finish_install(tx, "one", "browser", now=later),
        finish_install(tx, "one", "browser", now=later),
        finish_install(tx, "two", "browser", now=later + SECOND),
        finish_install(tx, "never begun", "browser", now=later),
    ]

    assert told == [
        Begun.ELSEWHERE,
        Begun.IN_TIME,
        Begun.UNKNOWN,
        Begun.TOO_LATE,
        Begun.UNKNOWN,
    ]


def test_whoever_begins_without_end_keeps_nobody_else_from_installing(
    tx: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.usecases.installation._UNFINISHED_MAX", 3)
    for number in range(5):
        begin_install(tx, f"flood {number}", "robot", now=NOON + number * SECOND)

    begin_install(tx, "mine", "browser", now=NOON + 6 * SECOND)

    assert finish_install(tx, "flood 0", "robot", now=NOON + 7 * SECOND) is Begun.UNKNOWN
    assert finish_install(tx, "flood 4", "robot", now=NOON + 7 * SECOND) is Begun.IN_TIME
    assert finish_install(tx, "mine", "browser", now=NOON + 7 * SECOND) is Begun.IN_TIME


async def test_two_processes_that_start_at_once_with_one_token_both_learn_that_it_works(
    database_url: str,
) -> None:
    first, second = [open_database(database_url) for _ in range(2)]
    has_begun = asyncio.Event()

    def install_slowly(tx: Connection) -> Installation | None:
        new = make_installation(NOON + SECOND)
        installed = install(tx, new, keeps_token=False, is_alive=True)
        has_begun.set()
        while tx.dialect.name == "postgresql" and not tx.execute(_SOMEBODY_WAITS).scalar_one():
            pass  # SQLite has one writer, so there nobody can stand between
        return installed

    slow = asyncio.create_task(first.write(install_slowly))
    if first.kind == "postgresql":
        await has_begun.wait()
    quick = second.write(install, make_installation(), keeps_token=False, is_alive=True)
    installed = await asyncio.gather(slow, quick)

    assert None not in installed
    for one in (first, second):
        await one.close()


_SOMEBODY_WAITS = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY"
    " (pg_blocking_pids(pid))"
)


async def test_of_five_who_finish_one_install_at_once_one_succeeds(database_url: str) -> None:
    databases = [open_database(database_url) for _ in range(2)]
    for number in range(20):
        await databases[0].write(begin_install, f"state {number}", "browser", now=NOON)

        told = await asyncio.gather(
            *(
                databases[one % 2].write(finish_install, f"state {number}", "browser", now=NOON)
                for one in range(5)
            )
        )

        assert sorted(one.name for one in told) == ["IN_TIME", *["UNKNOWN"] * 4]
    for one in databases:
        await one.close()
