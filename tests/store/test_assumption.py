from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Filter, Impact, Quorum, Stakeholder, Status
from bot.domain.delivery import Delivery
from bot.domain.errors import NotFoundError, StaleWriteError
from bot.domain.history import Event, Logged
from bot.domain.ids import AssumptionKey, ProjectKey
from bot.domain.outbox import MessageState
from bot.domain.permission import ALL
from bot.domain.prompt import Prompt, PromptKey, PromptKind, PromptState
from bot.store import assumption as assumptions
from bot.store import history, inbox, outbox, prompt
from bot.store import project as projects
from bot.store.assumption import FirstAsk
from bot.store.types import UnstorableTextError
from tests.store.samples import (
    ANA,
    APOLLO,
    BO,
    CY,
    DAY,
    ELSEWHERE,
    HERE,
    HOME,
    NOON,
    card_of,
    log_one,
    make_draft,
    make_new,
    make_project,
)

HERMES = ProjectKey("HERMES")
DELIVERY = Delivery("slack", "Ev123")


def _page(tx: Connection, **wanted: object) -> list[AssumptionKey]:
    wanted_ = Filter(**wanted)  # type: ignore[arg-type]
    found = assumptions.page(tx, HERE, filter=wanted_, now=NOON, limit=10, after=None, sight=ALL)
    return [one.key for one in found]


def test_an_assumption_reads_back_as_it_was_logged(tx: Connection) -> None:
    projects.add(tx, make_project())
    draft = make_draft(
        statement="🚀 <!channel> &lt; `code`\nשלום",
        impact=Impact.CRITICAL,
        confidence_percent=70,
        validate_by=date(2026, 4, 1),
        consequence="The launch slips",
        quorum=Quorum.ALL,
        tags=("api", "payments, late"),
        services=("checkout",),
        permalink="https://example.slack.com/archives/C1/p1",
        stakeholders=(
            Stakeholder(user=BO),
            Stakeholder(user=ANA),
            Stakeholder(user=CY, is_backup=True),
        ),
    )

    key = assumptions.log(tx, make_new(draft=draft, by=CY))

    assert key == AssumptionKey(APOLLO, 1)
    assert assumptions.get(tx, HERE, key) == Assumption(
        workspace=HERE,
        key=key,
        statement=draft.statement,
        owner=ANA,
        impact=Impact.CRITICAL,
        confidence_percent=70,
        validate_by=date(2026, 4, 1),
        consequence="The launch slips",
        quorum=Quorum.ALL,
        tags=("api", "payments, late"),
        services=("checkout",),
        permalink="https://example.slack.com/archives/C1/p1",
        channel=HOME,
        logged_by=CY,
        logged_at=NOON,
        stakeholders=draft.stakeholders,
    )


def test_logging_writes_history_first_prompts_and_the_card(tx: Connection) -> None:
    ask = FirstAsk(stakeholder=BO, due_at=NOON + DAY, reason="first question")

    key = log_one(tx, asks=(ask,)).key

    logged = Logged(
        statement="The payments API is live by March 3",
        owner=ANA,
        impact=Impact.MEDIUM,
        stakeholders=(BO,),
    )
    assert history.read(tx, HERE, key) == [Event(seq=1, at=NOON, by=ANA, what=logged)]
    assert prompt.of_assumption(tx, HERE, key) == [
        Prompt(
            workspace=HERE,
            key=PromptKey(assumption=key, stakeholder=BO, round=1, kind=PromptKind.ASK, attempt=1),
            due_at=NOON + DAY,
            first_due_at=NOON + DAY,
            reason="first question",
            state=PromptState.PLANNED,
        )
    ]
    card = outbox.get(tx, HERE, card_of(key))
    assert card is not None
    assert (card.state, card.due_at, card.revision) == (MessageState.PENDING, NOON, 1)


def test_nobody_need_be_asked(tx: Connection) -> None:
    projects.add(tx, make_project())

    key = assumptions.log(tx, make_new(draft=make_draft(stakeholders=()), asks=()))

    assert key is not None
    assert prompt.of_assumption(tx, HERE, key) == []


def test_a_second_copy_of_a_delivery_stores_nothing(tx: Connection) -> None:
    log_one(tx, delivery=DELIVERY)

    again = assumptions.log(tx, make_new(delivery=DELIVERY))

    assert again is None
    assert _page(tx) == [AssumptionKey(APOLLO, 1)]
    assert log_one(tx).key.number == 2
    assert not inbox.first_time(tx, HERE, DELIVERY.source, DELIVERY.key, now=NOON)


def test_the_same_delivery_key_elsewhere_is_another_delivery(tx: Connection) -> None:
    log_one(tx, delivery=DELIVERY)

    assert log_one(tx, workspace=ELSEWHERE, delivery=DELIVERY).key.number == 1


def test_a_project_that_is_gone_is_said_so(tx: Connection) -> None:
    with pytest.raises(NotFoundError):
        assumptions.log(tx, make_new(delivery=DELIVERY))


def test_a_project_of_another_workspace_is_not_there(tx: Connection) -> None:
    projects.add(tx, make_project(workspace=ELSEWHERE))

    with pytest.raises(NotFoundError):
        assumptions.log(tx, make_new())


@pytest.mark.parametrize("text", ["a\0b", "half of a \ud83d pair"])
def test_a_character_that_cannot_be_kept_is_refused(tx: Connection, text: str) -> None:
    projects.add(tx, make_project())

    with pytest.raises(UnstorableTextError):
        assumptions.log(tx, make_new(draft=make_draft(statement=text)))


def test_each_project_numbers_its_own(tx: Connection) -> None:
    keys = [log_one(tx, project=p).key for p in (APOLLO, HERMES, APOLLO)]

    assert [str(key) for key in keys] == ["APOLLO-1", "HERMES-1", "APOLLO-2"]


def test_a_foreign_key_reads_like_a_missing_one(tx: Connection) -> None:
    key = log_one(tx).key

    assert assumptions.get(tx, ELSEWHERE, key) is None
    assert assumptions.get_many(tx, ELSEWHERE, [key]) == {}


def test_many_are_read_in_the_order_asked_for(tx: Connection) -> None:
    one, two = log_one(tx).key, log_one(tx).key
    missing = AssumptionKey(APOLLO, 99)

    assert list(assumptions.get_many(tx, HERE, [two, missing, one, two])) == [two, one]


def test_more_than_a_statement_can_name_are_read(tx: Connection) -> None:
    key = log_one(tx).key
    many = [AssumptionKey(APOLLO, number) for number in range(2, 1200)]

    assert list(assumptions.get_many(tx, HERE, [*many, key])) == [key]


def test_an_update_writes_all_that_may_change(tx: Connection) -> None:
    before = log_one(tx)
    after = replace(
        before,
        statement="The payments API is live by April",
        owner=CY,
        impact=Impact.HIGH,
        confidence_percent=10,
        validate_by=date(2026, 5, 1),
        consequence="Nothing ships",
        quorum=Quorum.ALL,
        tags=("api",),
        services=("checkout",),
        status=Status.VALIDATED,
        valid_until=NOON + DAY,
        stakeholders=(
            Stakeholder(user=BO, is_released=True, round=2),
            Stakeholder(user=CY, is_backup=True),
        ),
    )

    written = assumptions.update(tx, after)

    assert written == replace(after, version=2)
    assert assumptions.get(tx, HERE, before.key) == written


def test_of_two_updates_of_one_version_the_second_is_stale(tx: Connection) -> None:
    before = log_one(tx)
    assumptions.update(tx, replace(before, owner=BO))

    with pytest.raises(StaleWriteError):
        assumptions.update(tx, replace(before, owner=CY))

    found = assumptions.get(tx, HERE, before.key)
    assert found is not None
    assert found.owner == BO


def test_an_update_from_another_workspace_changes_nothing(tx: Connection) -> None:
    before = log_one(tx)

    with pytest.raises(StaleWriteError):
        assumptions.update(tx, replace(before, workspace=ELSEWHERE, owner=CY))

    assert assumptions.get(tx, HERE, before.key) == before


def test_a_stakeholder_is_added_after_the_others_and_changed_in_place(tx: Connection) -> None:
    before = log_one(tx)

    assumptions.put_stakeholder(tx, HERE, before.key, Stakeholder(user=ANA))
    assumptions.put_stakeholder(tx, HERE, before.key, Stakeholder(user=BO, is_released=True))

    after = assumptions.get(tx, HERE, before.key)
    assert after is not None
    assert after.stakeholders == (
        Stakeholder(user=BO, is_released=True),
        Stakeholder(user=ANA),
    )
    assert after.version == before.version


def test_a_page_goes_by_project_the_newest_first(tx: Connection) -> None:
    for project in (HERMES, APOLLO, APOLLO, HERMES):
        log_one(tx, project=project)
    log_one(tx, workspace=ELSEWHERE)

    assert [str(k) for k in _page(tx)] == ["APOLLO-2", "APOLLO-1", "HERMES-2", "HERMES-1"]


def test_pages_join_without_a_gap_or_a_repetition(tx: Connection) -> None:
    for number in range(25):
        log_one(tx, project=HERMES if number % 3 else APOLLO)

    pages: list[list[Assumption]] = []
    for _ in range(8):
        after = pages[-1][-1].key if pages else None
        pages.append(
            assumptions.page(tx, HERE, filter=Filter(), now=NOON, limit=4, after=after, sight=ALL)
        )
        if not pages[-1]:
            break

    keys = [one.key for page in pages for one in page]
    assert len(keys) == len(set(keys)) == 25
    assert keys == sorted(keys, key=lambda key: (key.project, -key.number))


def test_a_filter_lets_pass_what_all_of_it_allows(tx: Connection) -> None:
    mine = log_one(tx, "mine").key
    asked = replace(log_one(tx, "asked"), owner=CY)
    assumptions.update(tx, asked)
    released = replace(
        log_one(tx, "released"),
        owner=CY,
        stakeholders=(Stakeholder(user=BO, is_released=True), Stakeholder(user=ANA)),
    )
    assumptions.update(tx, released)
    hermes = log_one(tx, "elsewhere", project=HERMES).key

    assert set(_page(tx, project=HERMES)) == {hermes}
    assert set(_page(tx, owner_or_stakeholder=ANA)) == {mine, released.key, hermes}
    assert set(_page(tx, owner_or_stakeholder=BO)) == {mine, asked.key, hermes}
    assert _page(tx, owner_or_stakeholder=BO, project=HERMES) == [hermes]


def test_a_filter_knows_overdue_stale_open_and_status(tx: Connection) -> None:
    states = {
        "overdue": {"validate_by": date(2026, 3, 2)},
        "due today": {"validate_by": date(2026, 3, 3)},
        "stale": {"status": Status.VALIDATED, "valid_until": NOON},
        "fresh": {
            "status": Status.VALIDATED,
            "valid_until": NOON + DAY,
            "validate_by": date(2026, 3, 2),
        },
        "refuted": {"status": Status.REFUTED},
        "retired": {"status": Status.RETIRED},
    }
    keys = {}
    for name, changed in states.items():
        one = log_one(tx, name)
        assumptions.update(tx, replace(one, **changed))  # type: ignore[arg-type]
        keys[one.key] = name

    def names(**wanted: object) -> set[str]:
        return {keys[key] for key in _page(tx, **wanted)}

    assert names() == set(states)
    assert names(overdue=True) == {"overdue"}
    assert names(stale=True) == {"stale"}
    assert names(is_open=True) == {"overdue", "due today", "stale", "fresh"}
    assert names(status=Status.RETIRED) == {"retired"}
