from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from bot.domain.assumption import Assumption, Status
from bot.domain.ids import ProjectKey, WorkspaceId
from bot.store import assumption as assumptions
from bot.store import full_text
from tests.store.samples import APOLLO, ELSEWHERE, HERE, log_one


def _found(found: list[Assumption]) -> list[int]:
    return [one.key.number for one in found]


def _retrieve(tx: Connection, text: str) -> list[int]:
    return _found(assumptions.retrieve(tx, HERE, text, limit=50))


def test_the_one_that_shares_most_words_comes_first(tx: Connection) -> None:
    log_one(tx, "The designers are back from holiday")
    log_one(tx, "The payments API is live by March 3")
    log_one(tx, "The search API is fast")

    assert _retrieve(tx, "Checkout slipped: the payments API was not live") == [2, 3]


def test_words_match_by_their_stem_in_any_case(tx: Connection) -> None:
    log_one(tx, "Vendors approve INVOICES quickly")

    assert _retrieve(tx, "the vendor's invoice was late") == [1]


def test_common_words_find_nothing(tx: Connection) -> None:
    log_one(tx, "This is what we will have to do")

    assert _retrieve(tx, "we will have this") == []


@pytest.mark.parametrize("text", ["", "…", '" OR NEAR(', "'; DROP TABLE assumption; --", "*", "\0"])
def test_text_is_never_read_as_a_query(tx: Connection, text: str) -> None:
    log_one(tx, "The payments API is live")

    assert _retrieve(tx, text) == []


def test_words_of_any_script_are_found(tx: Connection) -> None:
    for statement in ("Die Übergabe läuft", "שלום עולם", "Поставщик успеет", "🚀 rocket"):
        log_one(tx, statement)

    found = [_retrieve(tx, text) for text in ("übergabe", "עולם", "поставщик", "rocket 🚀")]
    assert found == [[1], [2], [3], [4]]


def test_another_workspace_is_never_found(tx: Connection) -> None:
    log_one(tx, workspace=ELSEWHERE)

    assert _retrieve(tx, "payments API") == []


def test_a_workspace_whose_id_begins_like_another_is_never_found(tx: Connection) -> None:
    log_one(tx, "2x payments", workspace=WorkspaceId("T1"))

    found = assumptions.retrieve(tx, WorkspaceId("T12"), "x payments", limit=5)

    assert found == []


def test_a_workspace_whose_id_differs_by_case_alone_is_never_found(tx: Connection) -> None:
    log_one(tx, workspace=WorkspaceId("T1a"))
    log_one(tx, "The search is fast", workspace=WorkspaceId("T1A"))

    assert assumptions.retrieve(tx, WorkspaceId("T1A"), "payments", limit=5) == []


def test_equal_scores_are_in_the_order_of_their_keys(tx: Connection) -> None:
    for _ in range(12):
        log_one(tx, "The payments API is live")

    assert _retrieve(tx, "payments") == list(range(1, 13))


def test_no_more_than_the_limit_are_returned(tx: Connection) -> None:
    for _ in range(3):
        log_one(tx)

    assert _found(assumptions.retrieve(tx, HERE, "payments", limit=2)) == [1, 2]


def test_a_changed_statement_is_found_by_its_new_words_alone(tx: Connection) -> None:
    before = log_one(tx, "The payments API is live")
    log_one(tx, "The payments team is complete")

    assumptions.update(tx, replace(before, statement="The search index is fresh"))

    assert _retrieve(tx, "payments") == [2]
    assert _retrieve(tx, "search index") == [1]


def _log_for(tx: Connection, statement: str, *services: str) -> Assumption:
    before = log_one(tx, statement)
    return assumptions.update(tx, replace(before, services=services))


def test_one_is_found_by_its_service_without_a_shared_word(tx: Connection) -> None:
    _log_for(tx, "The index is fresh", "Payments-API")
    _log_for(tx, "The payments API is live")

    found = assumptions.retrieve(tx, HERE, "p99 over budget", limit=9, services=("payments api",))

    assert _found(found) == [1]


def test_a_word_of_a_text_is_no_service_and_a_service_no_word(tx: Connection) -> None:
    _log_for(tx, "The index is fresh", "checkout")
    _log_for(tx, "The checkout is live")

    assert _retrieve(tx, "checkout") == [2]
    assert _found(assumptions.retrieve(tx, HERE, "", limit=9, services=("checkout",))) == [1]


def test_a_changed_service_is_found_by_its_new_name_alone(tx: Connection) -> None:
    before = _log_for(tx, "The index is fresh", "checkout")

    assumptions.update(tx, replace(before, services=("search",)))

    old, new = (
        assumptions.retrieve(tx, HERE, "", limit=9, services=(name,))
        for name in ("checkout", "search")
    )
    assert (_found(old), _found(new)) == ([], [1])


def test_a_rare_word_weighs_more_than_common_ones(tx: Connection) -> None:
    for _ in range(6):
        log_one(tx, "The payments API is live")
    log_one(tx, "The payments contract is signed")

    assert _retrieve(tx, "payments API contract")[0] == 7


def test_a_word_that_too_many_have_is_left_out_unless_all_are(tx: Connection) -> None:
    for _ in range(3):
        log_one(tx, "The payments API is live")
    log_one(tx, "The contract is signed")

    rare = full_text.find(tx, HERE, "payments contract", limit=9, many=2)
    common = full_text.find(tx, HERE, "payments", limit=9, many=2)

    assert rare == ["APOLLO-4"]
    assert common == ["APOLLO-1", "APOLLO-2", "APOLLO-3"]


def test_similar_ones_are_the_open_ones_of_the_project(tx: Connection) -> None:
    for status in Status:
        one = log_one(tx, "The payments API is live")
        assumptions.update(tx, replace(one, status=status))
    log_one(tx, "The payments API is live", project=ProjectKey("HERMES"))

    found = assumptions.similar(tx, HERE, APOLLO, "payments API live?", limit=5)

    assert {one.status for one in found} == {Status.UNVALIDATED, Status.VALIDATED}
    assert {one.key.project for one in found} == {APOLLO}


def test_a_long_text_is_a_query_too(tx: Connection) -> None:
    log_one(tx, "The payments API is live")
    text = " ".join(["payments", *(f"word{number}" for number in range(2_000))])

    assert _retrieve(tx, text) == [1]


@given(st.text())
def test_words_hold_letters_and_digits_alone(statement: str) -> None:
    words = full_text.words_of(statement)

    assert all(word.isalnum() and len(word) <= 40 for word in words)
    assert len(words) == len(set(words))


_IDS = st.text(alphabet="aT2d-.é", min_size=1, max_size=3)


@given(_IDS, _IDS)
def test_prefixes_of_different_workspaces_differ_but_for_case(one: str, other: str) -> None:
    prefixes = {full_text.prefix_of(WorkspaceId(name)) for name in (one, other)}

    assert len(prefixes) == len({one.lower(), other.lower()})
