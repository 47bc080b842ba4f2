"""The small tables: projects, members, workspaces, drafts, deliveries."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection

from bot.domain.ids import ChannelId, ProjectKey, UserId
from bot.domain.workspace import Workspace
from bot.store import draft as drafts
from bot.store import inbox
from bot.store import member as members
from bot.store import project as projects
from bot.store import workspace as workspaces
from bot.store.types import UnstorableTextError
from tests.store.samples import (
    ANA,
    APOLLO,
    BO,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    HOUR,
    NOON,
    make_member,
    make_project,
)

OTHER_KEY, OTHER_CHANNEL = ProjectKey("HERMES"), ChannelId("C0OTHER")


def test_a_project_reads_back_by_its_key_and_by_its_channel(tx: Connection) -> None:
    project = make_project(name="<b>Apollo</b> 🚀")

    assert projects.add(tx, project)

    assert projects.get(tx, HERE, APOLLO) == project
    assert projects.of_channel(tx, HERE, HOME) == project
    assert projects.get(tx, ELSEWHERE, APOLLO) is None
    assert projects.of_channel(tx, ELSEWHERE, HOME) is None


def test_a_project_s_own_cadence_reads_back_and_no_other_project_gets_it(tx: Connection) -> None:
    project, other = make_project(), make_project(workspace=ELSEWHERE)
    projects.add(tx, project)
    projects.add(tx, other)
    changed = replace(project, cadence={"high": {"reminders": 1}})

    projects.put_cadence(tx, changed)

    assert projects.get(tx, HERE, APOLLO) == changed
    assert projects.get(tx, ELSEWHERE, APOLLO) == other


@pytest.mark.parametrize("changed", [{"channel": OTHER_CHANNEL}, {"key": OTHER_KEY}])
def test_a_key_or_a_channel_that_is_taken_adds_nothing(
    tx: Connection, changed: dict[str, str]
) -> None:
    projects.add(tx, make_project())

    assert not projects.add(tx, make_project(name="Second", **changed))

    assert [one.name for one in projects.all_of(tx, HERE)] == ["Apollo"]


def test_the_projects_of_a_workspace_are_by_key(tx: Connection) -> None:
    for key, channel in ((OTHER_KEY, OTHER_CHANNEL), (APOLLO, HOME)):
        projects.add(tx, make_project(key=key, channel=channel))
    projects.add(tx, make_project(workspace=ELSEWHERE))

    assert [one.key for one in projects.all_of(tx, HERE)] == [APOLLO, OTHER_KEY]


def test_a_member_is_as_last_seen(tx: Connection) -> None:
    members.put(tx, make_member())
    now = make_member(name="Ana\nB", is_deactivated=True, locale="pt-PT", seen_at=NOON + DAY)

    members.put(tx, now)

    assert members.get(tx, HERE, ANA) == now
    assert members.get(tx, ELSEWHERE, ANA) is None


def test_only_members_who_were_seen_are_found(tx: Connection) -> None:
    ana, bo = make_member(), make_member(user=BO, is_admin=True)
    for member in (ana, bo):
        members.put(tx, member)

    assert members.get_many(tx, HERE, [ANA, UserId("U0NOBODY"), BO]) == {ANA: ana, BO: bo}
    assert members.get_many(tx, HERE, []) == {}


def test_a_workspace_is_as_last_installed(tx: Connection) -> None:
    first = Workspace(id=HERE, name="Here", bot_user=BO, bot_id="B0BOT", installed_at=NOON)
    again = replace(first, bot_id="B1BOT", installed_at=NOON + DAY)
    elsewhere = replace(first, id=ELSEWHERE)

    for workspace in (first, again, elsewhere):
        workspaces.put(tx, workspace)

    assert workspaces.get(tx, HERE) == again
    assert workspaces.all_of(tx) == [elsewhere, again]
    assert workspaces.get(tx, type(HERE)("T0NONE")) is None


def test_a_draft_is_taken_once_and_by_its_author(tx: Connection) -> None:
    drafts.put(tx, HERE, "d1", by=ANA, text="long " * 2000, channel=HOME, now=NOON)

    taken = [
        drafts.take(tx, HERE, "d1", by=BO),
        drafts.take(tx, ELSEWHERE, "d1", by=ANA),
        drafts.take(tx, HERE, "d1", by=ANA),
        drafts.take(tx, HERE, "d1", by=ANA),
    ]

    assert taken == [None, None, "long " * 2000, None]


def test_a_draft_is_forgotten_after_a_day(tx: Connection) -> None:
    drafts.put(tx, HERE, "old", by=ANA, text="old", channel=HOME, now=NOON)
    drafts.put(tx, HERE, "new", by=ANA, text="new", channel=None, now=NOON + DAY)
    drafts.put(tx, HERE, "newest", by=ANA, text="newest", channel=HOME, now=NOON + DAY + HOUR)

    assert [drafts.take(tx, HERE, one, by=ANA) for one in ("old", "new")] == [None, "new"]


def test_text_that_cannot_be_kept_is_refused(tx: Connection) -> None:
    with pytest.raises(UnstorableTextError):
        drafts.put(tx, HERE, "d1", by=ANA, text="a\0b", channel=HOME, now=NOON)


def test_a_delivery_is_new_once_in_each_workspace_and_source(tx: Connection) -> None:
    copies = [(HERE, "slack"), (HERE, "slack"), (ELSEWHERE, "slack"), (HERE, "github")]

    new = [inbox.first_time(tx, where, source, "Ev1", now=NOON) for where, source in copies]

    assert new == [True, False, True, True]


def test_old_deliveries_are_forgotten_step_by_step(tx: Connection) -> None:
    for number in range(5):
        inbox.first_time(tx, HERE, "slack", f"old {number}", now=NOON - DAY)
        inbox.first_time(tx, ELSEWHERE, "slack", f"new {number}", now=NOON)

    forgotten, place = inbox.forget_before(tx, NOON, after=None, limit=4)
    while place is not None:
        more, place = inbox.forget_before(tx, NOON, after=place, limit=4)
        forgotten += more

    assert forgotten == 5
    assert inbox.first_time(tx, HERE, "slack", "old 0", now=NOON)
    assert not inbox.first_time(tx, ELSEWHERE, "slack", "new 4", now=NOON)
