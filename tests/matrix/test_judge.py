"""The judges see what is planted: each kind of leak is reported, and nothing else is."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, update

from bot.domain.errors import NotFoundError
from bot.domain.ids import AssumptionKey, UserId, WorkspaceId
from bot.slack import ids as names
from bot.slack.dispatch import Dispatcher, Routes
from bot.slack.interaction import Click
from bot.slack.tools import Reply, Tools
from bot.store.tables import assumption
from tests.engines import copy_sqlite
from tests.matrix.arguments import Query, query
from tests.matrix.judge import Verdict, judge
from tests.matrix.queries import judge_queries, settle_with_people
from tests.matrix.routes import judge_routes
from tests.matrix.world import A_MEMBER, world_at

_CASE = "not a member"


def well(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, by: UserId) -> None:
    raise NotFoundError(f"I know no {key} here.")


def reads(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, by: UserId) -> Any:
    return [_of(tx, workspace, key)]


def differs(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, by: UserId) -> Any:
    return _of(tx, workspace, key) is not None


def writes(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, by: UserId) -> None:
    tx.execute(
        update(assumption)
        .where(assumption.c.workspace == workspace, assumption.c.project == key.project)
        .values(version=assumption.c.version + 1)
    )


def fails(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, *, by: UserId) -> None:
    raise LookupError(key)


def _of(tx: Connection, workspace: WorkspaceId, key: AssumptionKey) -> Any:
    """Whatever is there, whoever asks."""
    where = (assumption.c.workspace == workspace, assumption.c.project == key.project)
    return tx.execute(assumption.select().where(*where)).first()


def test_a_leak_planted_in_a_query_is_reported(tx: Connection) -> None:
    ids = settle_with_people(tx)
    planted = [query(unit.__name__, unit) for unit in (well, reads, differs, writes, fails)]

    verdict = judge_queries(tx, ids, _CASE, [one for one in planted if isinstance(one, Query)])

    assert _reported(verdict) == {
        "reads": ["reads", "differs"],
        "differs": ["differs"],
        "writes": ["writes"],
        "fails": ["fails"],
    }


def _reported(verdict: Verdict) -> dict[str, list[str]]:
    """Return the kinds of leaks by what leaked."""
    found: dict[str, list[str]] = {}
    for leak in verdict.leaks:
        _, name, what = leak.split(": ", 2)
        found.setdefault(name, []).append(what.split()[0])
    return found


def test_a_unit_that_nobody_said_how_to_ask_is_named() -> None:
    def unit(tx: Connection, whatever: Connection) -> None:
        raise NotImplementedError

    assert query("some.unit", unit) == ["some.unit(whatever:Connection)"]


async def _well(tools: Tools, click: Click) -> Reply:
    return None


async def _reads(tools: Tools, click: Click) -> Reply:
    found = await tools.db.read(_of, click.workspace, _key(click))
    await tools.api.respond("http://127.0.0.1:1/told", {"text": repr(found)})
    return None


async def _differs(tools: Tools, click: Click) -> Reply:
    found = await tools.db.read(_of, click.workspace, _key(click))
    await tools.api.respond("http://127.0.0.1:1/told", {"text": f"{found is None}"})
    return None


async def _writes(tools: Tools, click: Click) -> Reply:
    await tools.db.write(writes, click.workspace, _key(click), by=click.user)
    return None


async def _fails(tools: Tools, click: Click) -> Reply:
    raise LookupError(click.value)


def _key(click: Click) -> AssumptionKey:
    key = AssumptionKey.parse(click.value)
    assert key is not None
    return key


async def test_a_leak_planted_in_a_listener_is_reported(
    sqlite_template: Path, tmp_path: Path
) -> None:
    planted = {
        names.SHOW: _well,
        names.DECIDE: _reads,
        names.EDIT: _differs,
        names.RETIRE: _writes,
        names.SPLIT: _fails,
    }
    async with world_at(copy_sqlite(sqlite_template, tmp_path / "world.db")) as world:
        world.app.dispatcher = Dispatcher({}, Routes(clicks=planted))

        verdict = await judge(world, _CASE, [(Click, key) for key in planted])

    assert {name: set(kinds) for name, kinds in _reported(verdict).items()} == {
        f"Click {names.DECIDE}": {"reads", "differs"},
        f"Click {names.EDIT}": {"differs"},
        f"Click {names.RETIRE}": {"writes"},
        f"Click {names.SPLIT}": {"fails"},
    }


async def test_what_a_route_tells_who_may_see_it_is_reported(
    sqlite_template: Path, tmp_path: Path
) -> None:
    async with world_at(copy_sqlite(sqlite_template, tmp_path / "world.db")) as world:
        verdict = await judge_routes(world, A_MEMBER)

    assert _reported(verdict).keys() == {"POST /slack/events"}
