"""Bringing in a log that was kept as CSV."""

from datetime import date

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import Impact
from bot.domain.errors import UserFixableError
from bot.domain.ids import ProjectKey
from bot.domain.permission import OPERATOR
from bot.store.prompt import planned_for
from bot.usecases.assumption import get_assumption
from bot.usecases.import_log import Imported, guess_columns, import_log
from tests.usecases.team import ANA, BO, WORKSPACE, Team

GOOD = """\
\ufeffID;Type;Description;Owner;Stakeholder;Impact;Confidence;Due date;Status
1;Assumption;The API is live by March;U0ANA;@U0bo;High;70%;2026-03-31;Open
2;Risk;The vendor may leave;U0ANA;;High;;;Open
3;A;Old news;U0ANA;;;;;Closed
4;Assumption;"Two lines
of text";;U0BO, U0CY;1;;31/03/2026;
"""


def bring(team: Team, text: str, *, dry: bool = False, skip: bool = False) -> Imported:
    return import_log(
        team.tx,
        WORKSPACE,
        text,
        project=ProjectKey("APOLLO"),
        is_dry_run=dry,
        skips_bad=skip,
        now=team.now,
        cadence=team.cadence,
    )


def test_a_raid_log_becomes_assumptions_and_its_people_are_asked(tx: Connection) -> None:
    team = Team(tx=tx)

    found = bring(team, GOOD)

    first, second = (get_assumption(tx, WORKSPACE, key, reader=OPERATOR) for key in found.keys)
    assert (found.problems, found.skipped, found.ignored) == ((), 2, ("\ufeffID".strip("\ufeff"),))
    assert dict(found.columns)["validate_by"] == "Due date"
    assert (first.statement, first.impact) == ("The API is live by March", Impact.HIGH)
    assert (first.confidence_percent, first.validate_by) == (70, date(2026, 3, 31))
    assert (second.statement, second.owner) == ("Two lines\nof text", ANA)
    assert second.validate_by == date(2026, 3, 31)
    assert len(planned_for(tx, WORKSPACE, BO)) == 2


def test_a_dry_run_stores_nothing(tx: Connection) -> None:
    team = Team(tx=tx)

    found = bring(team, GOOD, dry=True)

    assert (len(found.drafts), found.keys) == (2, ())
    assert planned_for(tx, WORKSPACE, BO) == []


BAD = """\
assumption,impact,confidence,due,owner
Good,low,50,2026-05-01,
,low,,,
Bad impact,huge,,,
Bad confidence,,101,,
Bad day,,,someday,
Two days,,,03/04/2026,
Nobody,,,,Zed
good.,,,,
"""


def test_each_bad_line_is_said_and_nothing_is_stored(tx: Connection) -> None:
    team = Team(tx=tx)

    found = bring(team, BAD)

    assert found.keys == ()
    assert [problem.split(":")[0] for problem in found.problems] == [
        f"Line {n}" for n in range(3, 10)
    ]
    for part, problem in zip(
        ("nothing", "huge", "101", "someday", "two days", "Zed", "already"),
        found.problems,
        strict=True,
    ):
        assert part in problem


def test_the_good_lines_are_stored_where_that_is_wanted(tx: Connection) -> None:
    team = Team(tx=tx)

    assert len(bring(team, BAD, skip=True).keys) == 1
    assert len(bring(team, BAD, skip=True).keys) == 0  # it is there already


@pytest.mark.parametrize(
    ("text", "part"),
    [("", "No column"), ("owner,due\nA,B", "No column"), ('assumption\n"x', "CSV")],
)
def test_a_file_that_is_none_is_refused(tx: Connection, text: str, part: str) -> None:
    with pytest.raises(UserFixableError, match=part):
        bring(Team(tx=tx), text)


def test_columns_are_guessed_once_each() -> None:
    found, ignored = guess_columns(["Title", "DESCRIPTION", "due_date", "Due", "Notes", ""])

    assert found == {"statement": 1, "validate_by": 3}
    assert ignored == ["Title", "due_date", "Notes"]


def test_a_guard_against_formulas_is_taken_off(tx: Connection) -> None:
    found = bring(Team(tx=tx), "assumption\n'=1+1 is two\n'quoted'\n", dry=True)

    assert [one.statement for one in found.drafts] == ["=1+1 is two", "'quoted'"]


def test_what_the_form_would_refuse_is_refused_with_its_line(tx: Connection) -> None:
    many = "|".join(f"tag {number}" for number in range(60)).replace("|", ",")
    lines = [
        "statement,tags,services,due,consequence",
        f'one,"{many}",,,',
        f"two,,{'s' * 200},,",
        "three,,,2099-01-01,",
        f"four,,,,{'c' * 4_000}",
        "five,,,2020-01-01,",
    ]

    found = bring(Team(tx=tx), "\n".join(lines))

    assert [problem.partition(":")[0] for problem in found.problems] == [
        f"Line {number}" for number in (2, 3, 4, 5)
    ]
    assert "give at most" in found.problems[0]
    assert "more than ten years ahead" in found.problems[2]
    assert [draft.statement for draft in found.drafts] == ["five"]  # overdue where it was kept
