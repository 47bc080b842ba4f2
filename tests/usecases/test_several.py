"""Acting on several at once, and lists in another order and as a file."""

import csv
from datetime import timedelta

import pytest

from bot.domain.assumption import Filter, Impact, Status
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.order import Order
from bot.domain.permission import Reader
from bot.domain.validation import Answer
from bot.slack.ids import ListRef
from bot.slack.views.export import file_sent
from bot.slack.views.listing import listing
from bot.usecases.assumption_list import list_as_csv, list_in_order
from bot.usecases.several import Act, NotDone, Outcome, change_several
from tests.engines import ON_SQLITE_ALONE
from tests.usecases.team import ANA, BO, CHANNEL, CY, DAY, WORKSPACE, Team

pytestmark = ON_SQLITE_ALONE

HERE = Reader.person(BO, here=CHANNEL)


def change(team: Team, act: Act, *keys: AssumptionKey, reader: Reader = HERE) -> Outcome:
    return change_several(
        team.tx,
        WORKSPACE,
        keys,
        act,
        by=reader.user or BO,
        reader=reader,
        now=team.now,
        reason="no longer planned",
        to=team.people[CY],
    )


def test_each_is_checked_on_its_own_and_told(team: Team) -> None:
    anas, bos, old = team.log("Ana's"), team.log("Bo's", by=BO), team.log("Old", by=BO)
    change(team, Act.RETIRE, old)
    nowhere = AssumptionKey(ProjectKey("APOLLO"), 99)

    outcome = change(team, Act.RETIRE, nowhere, bos, anas, old)

    assert outcome.done == (bos,)
    why = {one.key: one for one in outcome.not_done}
    assert why[anas] == NotDone(key=anas, belongs_to=ANA)
    assert why[old].why == f"{old} is retired already."
    assert "know no" in why[nowhere].why
    assert team.get(anas).status is Status.UNVALIDATED
    assert team.get(bos).status is Status.RETIRED


def test_one_that_is_out_of_sight_answers_like_one_that_is_missing(team: Team) -> None:
    key = team.log(by=BO, asked=(CY,))
    team.close_channel(CHANNEL, ANA)

    [refused] = change(team, Act.RETIRE, key, reader=Reader.person(BO)).not_done

    assert refused == NotDone(key=key, why=refused.why)
    assert "know no" in refused.why
    assert team.get(key).status is Status.UNVALIDATED


def test_the_lead_gives_several_another_owner(team: Team) -> None:
    keys = [team.log(f"It is {n}") for n in range(3)]

    outcome = change(team, Act.REASSIGN, *keys, reader=Reader.person(ANA, here=CHANNEL))

    assert outcome.done == tuple(keys)
    assert {team.get(key).owner for key in keys} == {CY}


def test_who_logged_it_names_another_owner_here_as_in_its_form(team: Team) -> None:
    bos, anas = team.log("Bo's", by=BO), team.log("Ana's")

    outcome = change(team, Act.REASSIGN, bos, anas)

    assert outcome.done == (bos,)
    assert team.get(bos).owner == CY
    assert outcome.not_done == (NotDone(key=anas, belongs_to=ANA),)


def test_asking_again_asks_in_the_next_working_hour_and_after_the_ladder_anew(team: Team) -> None:
    planned = team.log("Asked in two days")
    ended = team.log("Nobody answered", impact=Impact.CRITICAL, asked=(CY,))
    refuted = team.log("Not true", asked=(BO,))
    team.answer(refuted, Answer.FAILS)
    team.pass_time(team.now + timedelta(hours=1))
    ana = Reader.person(ANA, here=CHANNEL)

    outcome = change(team, Act.ASK, planned, refuted, reader=ana)
    assert outcome.done == (planned,)
    assert outcome.not_done[0].why == f"{refuted} is not true, so there is nothing to ask."
    team.pass_time(team.now + DAY)
    assert [planned] in team.asked(BO)

    team.pass_time(team.now + 30 * DAY)
    before = len([keys for keys in team.asked(CY) if ended in keys])
    change(team, Act.ASK, ended, reader=ana)
    team.pass_time(team.now + 2 * DAY)
    assert len([keys for keys in team.asked(CY) if ended in keys]) > before
    assert next(p.round for p in team.get(ended).stakeholders) == 2


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (Order.NEW, [4, 3, 2, 1]),
        (Order.HARM, [3, 2, 4, 1]),
        (Order.AGE, [1, 2, 3, 4]),
    ],
)
def test_a_list_comes_in_each_order_page_by_page(
    team: Team, order: Order, expected: list[int]
) -> None:
    for impact in (Impact.LOW, Impact.HIGH, Impact.CRITICAL, Impact.MEDIUM):
        team.log(impact.value, impact=impact)
        team.now += timedelta(minutes=1)
    found: list[int] = []
    after = None

    for _ in range(3):
        page = list_in_order(
            team.tx,
            WORKSPACE,
            Filter(is_open=True),
            order=order,
            reader=HERE,
            now=team.now,
            limit=2,
            after=after,
        )
        found += [one.key.number for one in page.assumptions]
        after = page.next_after
        if after is None:
            break

    assert found == expected


@pytest.mark.parametrize(("order", "told"), [(Order.HARM, "the 2 newest"), (Order.NEW, "")])
def test_a_list_too_long_to_be_sorted_says_so(
    team: Team, monkeypatch: pytest.MonkeyPatch, order: Order, told: str
) -> None:
    monkeypatch.setattr("bot.usecases.assumption_list.LISTED_MAX", 2)
    for number in range(3):
        team.log()
        page = list_in_order(
            team.tx, WORKSPACE, Filter(), order=order, reader=HERE, now=team.now, limit=1
        )
        footer = str(
            listing(
                page.assumptions,
                here=ListRef(team.project.key, "all", sort=order),
                has_more=page.next_after is not None,
                sorted_only=page.sorted_only,
                now=team.now,
                command="/assume",
            )
        )

        assert ("sorted" in footer) is (bool(told) and number == 2)
        assert told in footer or number < 2


def test_a_list_as_a_file_holds_no_formula_and_names_people(team: Team) -> None:
    team.log('=HYPERLINK("http://evil.example")\nsecond line, with a comma')

    file = list_as_csv(team.tx, WORKSPACE, Filter(), order=Order.NEW, reader=HERE, now=team.now)

    assert not file.has_more
    [row] = csv.DictReader("".join(file.lines).splitlines(keepends=True))
    assert row["statement"].startswith("'=HYPERLINK")
    assert (row["owner"], row["owner_id"], row["asked"]) == (ANA.title(), ANA, BO.title())
    assert row["status"] == "unvalidated"


def test_a_file_that_does_not_hold_all_says_so(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.usecases.assumption_list.LISTED_MAX", 2)
    for _ in range(3):
        team.log()

    file = list_as_csv(team.tx, WORKSPACE, Filter(), order=Order.NEW, reader=HERE, now=team.now)

    assert (len(file.lines), file.has_more) == (1 + 2, True)
    told = file_sent(2, "Everything open", has_more=file.has_more)["text"]
    assert told == (
        "Everything open: the first 2 rows, as a file for a spreadsheet. There are more: choose a "
        "project or a filter."
    )
