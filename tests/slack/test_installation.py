"""Where the bot is installed, as two processes see it that share a database."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from bot.domain.errors import FatalError, OperatorFixableError, RetryableError
from bot.domain.ids import WorkspaceId
from bot.domain.installation import Installation
from bot.domain.outbox import MessageKey, MessageKind
from bot.slack.app import SlackApp
from bot.slack.installation import Installations
from bot.store import outbox
from bot.store.cipher import Cipher, new_key
from bot.store.database import Database, open_database
from bot.usecases.installation import install, installations_of
from bot.usecases.outbox import claim_messages, next_due, not_accepted
from bot.usecases.ports import Blocked
from bot.usecases.workspace import erase_workspace
from tests.make import ANA, CADENCE, NOON, WORKSPACE
from tests.slack.conftest import CountingDatabase, Wire, make_installation

KEY = new_key()
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
OTHER = WorkspaceId("T0OTHER")


def looked_up(result: str) -> float:
    labels = {"cache": "installs", "result": result}
    return REGISTRY.get_sample_value("stilltrue_cache_lookups_total", labels) or 0.0


@dataclass
class Process:
    """One of several: its memory, its connection to the database, its time."""

    db: CountingDatabase
    now: float = 1000.0

    def __post_init__(self) -> None:
        self.installations = Installations(
            db=self.db, has_stored_tokens=True, monotonic=lambda: self.now
        )

    async def later(self, seconds: float) -> None:
        self.now += seconds
        await self.installations.refresh()


@pytest.fixture
async def processes(database_url: str) -> AsyncIterator[list[Process]]:
    cipher = Cipher.from_text(KEY)
    opened = [open_database(database_url, cipher=cipher) for _ in range(2)]
    found = [Process(CountingDatabase(one)) for one in opened]
    for process in found:
        await process.installations.refresh()
    yield found
    for one in opened:
        await one.close()


async def put(db: Database, new: Installation) -> None:
    assert await db.write(install, new, keeps_token=True) is not None


async def test_a_process_hears_of_an_install_and_of_a_removal_at_its_next_look(
    processes: list[Process],
) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())

    await worker.later(2)
    heard = worker.installations.get(WORKSPACE)
    await web.installations.note_removal(WORKSPACE, at=NOON + SECOND, reason="app_uninstalled")
    await worker.later(2)

    assert heard == make_installation()
    assert worker.installations.get(WORKSPACE) is None
    assert await web.db.read(installations_of, WORKSPACE) == []


async def test_a_removal_heard_before_the_install_was_read_here_lets_slack_be_asked(
    processes: list[Process],
) -> None:
    web, worker = processes
    assert await worker.installations.find(WORKSPACE) is None
    await put(web.db.inner, make_installation())

    # Slack counts whole seconds, so what follows an install at once seems to come before it.
    is_newer = await worker.installations.note_removal(
        WORKSPACE, at=NOON - SECOND, reason="app_uninstalled"
    )

    assert is_newer
    assert worker.installations.get(WORKSPACE) == make_installation()


async def test_a_stranger_is_looked_up_once_in_a_while_and_found_once_installed(
    processes: list[Process],
) -> None:
    web, worker = processes
    worker.db.reads.clear()

    unknown = [await worker.installations.find(WORKSPACE, None) for _ in range(5)]
    await put(web.db.inner, make_installation())
    worker.now += 2
    found = await worker.installations.find(WORKSPACE, "E0ORG")

    assert unknown == [None] * 5
    assert found == make_installation()
    assert len(worker.db.reads) == 2


async def test_an_org_install_answers_for_its_workspaces(processes: list[Process]) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation(WorkspaceId("E0ORG")))

    found = await worker.installations.find(WORKSPACE, "E0ORG")

    assert found is not None
    assert found.workspace.id == "E0ORG"


async def test_what_was_erased_is_served_no_more(processes: list[Process]) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    await worker.later(2)

    await web.db.write(erase_workspace, WORKSPACE)
    await worker.later(30)

    assert worker.installations.get(WORKSPACE) is None


async def test_a_token_whose_key_is_not_there_stops_the_start(database_url: str) -> None:
    first = open_database(database_url, cipher=Cipher.from_text(KEY))
    await put(first, make_installation())
    await first.close()
    second = open_database(database_url, cipher=Cipher.from_text(new_key()))

    with pytest.raises(FatalError, match="STILLTRUE_ENCRYPTION_KEYS"):
        await Installations(db=second, has_stored_tokens=True).refresh()

    await second.close()


async def tamper(db: Database, workspace: WorkspaceId) -> None:
    """Change one letter of a stored token, behind the program's back."""

    def unit(tx: Connection) -> None:
        tx.execute(
            text("UPDATE installation SET bot_token = bot_token || 'A' WHERE workspace = :one"),
            {"one": workspace},
        )

    await db.write(unit)


async def test_a_token_that_was_tampered_with_stops_its_own_workspace_alone(
    processes: list[Process],
) -> None:
    web, worker = processes
    for workspace in (WORKSPACE, OTHER):
        await put(web.db.inner, make_installation(workspace))
    await tamper(web.db.inner, WORKSPACE)

    with capture_logs() as lines:
        for _ in range(3):
            await worker.later(31)
    with pytest.raises(OperatorFixableError, match="cannot be opened"):
        await worker.installations.find(WORKSPACE)
    found = await worker.installations.find(OTHER)
    waiting = worker.installations.unreadable
    await web.db.inner.write(install, make_installation(), keeps_token=True, is_alive=True)
    await worker.later(2)

    assert found is not None
    assert waiting == 1
    assert [(line["event"], line["workspace"], line["fix"]) for line in lines] == [
        ("workspace.unreadable", WORKSPACE, "Install the app there again.")
    ]
    assert worker.installations.unreadable == 0
    assert worker.installations.get(WORKSPACE) is not None


async def mend(db: Database, workspace: WorkspaceId) -> None:
    """Take `tamper` back."""

    def unit(tx: Connection) -> None:
        tx.execute(
            text(
                "UPDATE installation SET bot_token = substr(bot_token, 1, length(bot_token) - 1)"
                " WHERE workspace = :one"
            ),
            {"one": workspace},
        )

    await db.write(unit)


async def test_where_a_token_cannot_be_opened_no_event_is_lost_and_people_hear_why(
    processes: list[Process], wire: Wire
) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    await tamper(web.db.inner, WORKSPACE)
    app = SlackApp(
        db=wire.db,
        clock=wire.clock,
        cadence=CADENCE,
        directory=wire.directory,
        api=wire.api,
        installations=worker.installations,
        webhook_trial=wire.app.tools.webhook_trial,
    )
    wire = replace(wire, app=app)
    event = {"type": "app_home_opened", "user": ANA, "tab": "home"}
    opened = {"type": "event_callback", "team_id": WORKSPACE, "event": event, "event_id": "E1"}

    with capture_logs() as lines:
        refused = [(await wire.deliver(opened)).status for _ in range(2)]
        told = await wire.command("The API is live", name="/assume")
    await mend(web.db.inner, WORKSPACE)
    await worker.later(31)
    again = await wire.deliver(opened)

    assert refused == [500, 500]
    assert again.status == 200
    [blocked] = [line for line in lines if line["event"] == "interaction.blocked"]
    assert blocked["reference"] in told["text"]
    assert "not installed" not in told["text"]
    assert "cannot be opened" in blocked["cause"]
    assert (blocked["fix"], blocked["check"]) == (
        "Install the app there again.",
        "stilltrue doctor",
    )
    assert [line["event"] for line in lines].count("slack.request_put_off") == 2


async def test_a_removal_is_heard_where_the_token_cannot_be_opened(
    processes: list[Process],
) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    await tamper(web.db.inner, WORKSPACE)
    with pytest.raises(OperatorFixableError):
        await worker.installations.find(WORKSPACE)

    is_newer = await worker.installations.note_removal(
        WORKSPACE, at=NOON + SECOND, reason="app_uninstalled"
    )

    assert not is_newer
    assert await worker.installations.find(WORKSPACE) is None


async def test_a_thousand_at_once_for_a_workspace_that_is_not_known_look_once(
    processes: list[Process],
) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    worker.db.reads.clear()
    counted = [looked_up(result) for result in ("hit", "miss")]

    found = await asyncio.gather(*(worker.installations.find(WORKSPACE) for _ in range(1000)))
    await worker.installations.find(WORKSPACE)

    assert found == [make_installation()] * 1000
    assert len(worker.db.reads) == 1
    assert [looked_up(result) for result in ("hit", "miss")] == [counted[0] + 1, counted[1] + 1000]


async def test_one_who_gives_up_takes_the_look_from_nobody_else(processes: list[Process]) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    first, second = (asyncio.create_task(worker.installations.find(WORKSPACE)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()

    assert await second == make_installation()
    assert first.cancelled()


async def test_the_only_token_that_was_tampered_with_stops_no_start(
    processes: list[Process],
) -> None:
    web, worker = processes
    await put(web.db.inner, make_installation())
    await tamper(web.db.inner, WORKSPACE)

    await worker.later(2)

    assert worker.installations.unreadable == 1


async def test_messages_wait_while_the_bot_is_gone_and_go_out_once_it_is_back(
    processes: list[Process],
) -> None:
    web, worker = processes
    key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to="C1")
    for workspace in (WORKSPACE, OTHER):
        await put(web.db.inner, make_installation(workspace))
        await web.db.write(outbox.want, workspace, key, now=NOON)
    lease = timedelta(0)

    async def claimed() -> list[str]:
        found = await worker.db.write(claim_messages, now=NOON, limit=9, lease=lease)
        return sorted(one.item.workspace for one in found)

    await web.installations.note_removal(WORKSPACE, at=NOON + SECOND, reason="tokens_revoked")
    gone = await claimed()
    await web.installations.note_removal(OTHER, at=NOON + SECOND, reason="tokens_revoked")
    due = await worker.db.read(next_due)
    await web.db.write(install, make_installation(), keeps_token=True, is_alive=True)
    back = await claimed()

    assert (gone, due, back) == ([OTHER], None, [WORKSPACE])


async def test_an_install_frees_what_waited_for_it_and_is_told_where_it_is_heard_of(
    processes: list[Process],
) -> None:
    web, worker = processes
    key = MessageKey(kind=MessageKind.CARD, about="APOLLO-1", to="C1")
    await web.db.write(outbox.want, WORKSPACE, key, now=NOON)
    (claimed,) = await worker.db.write(claim_messages, now=NOON, limit=9, lease=MINUTE)
    await worker.db.write(not_accepted, claimed, Blocked("No token.", fix="Install."), now=NOON)
    back: list[str] = []
    worker.installations.on_return = back.append
    waiting = await worker.db.write(claim_messages, now=NOON, limit=9, lease=MINUTE)

    await put(web.db.inner, make_installation())
    freed = await worker.db.write(claim_messages, now=NOON, limit=9, lease=MINUTE)
    for _ in range(2):
        await worker.later(2)

    assert waiting == []
    assert [one.item.key for one in freed] == [key]
    assert back == [WORKSPACE]


def removal(word: str, at: int, **fields: Any) -> dict[str, Any]:
    event = {"type": word, "tokens": {"oauth": [], "bot": ["U0BOT"]}}
    return {
        "type": "event_callback",
        "team_id": WORKSPACE,
        "event": event,
        "event_id": f"E{word}{at}",
        "event_time": at,
        **fields,
    }


async def test_a_late_word_of_an_older_removal_changes_nothing_unless_the_token_is_dead(
    wire: Wire,
) -> None:
    await wire.db.inner.write(install, make_installation(), keeps_token=False)
    before = int(NOON.timestamp()) - 5

    await wire.deliver(removal("app_uninstalled", before))
    await wire.app.tools.tasks.drain()
    still = wire.installations.get(WORKSPACE)
    await wire.fault(method="auth.test", kind="error", error="account_inactive")
    await wire.deliver(removal("tokens_revoked", before))
    await wire.app.tools.tasks.drain()

    assert still is not None
    assert wire.installations.get(WORKSPACE) is None


async def test_a_removal_of_an_org_install_is_the_orgs(wire: Wire) -> None:
    org = WorkspaceId("E0ORG")
    wire.installations.put(make_installation(org))
    now = int(NOON.timestamp()) + 5

    await wire.deliver(
        removal(
            "app_uninstalled",
            now,
            enterprise_id=org,
            authorizations=[{"enterprise_id": org, "team_id": None, "is_enterprise_install": True}],
        )
    )

    assert wire.installations.get(org) is None
    assert wire.installations.get(WORKSPACE) is not None


async def test_a_delivery_before_slack_said_whose_token_it_is_has_to_come_again() -> None:
    installations = Installations()
    installations.is_waiting = True

    with pytest.raises(RetryableError, match="has not said yet"):
        await installations.find(WORKSPACE)
    installations.put(make_installation(WORKSPACE))

    assert await installations.find(WORKSPACE) is not None
    assert await installations.find("T404") is None
