from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import Impact, Status
from bot.domain.history import AsOf
from bot.domain.linking import Candidate, Suggestion, rank
from bot.domain.setback import SetbackKind
from tests.make import DAY, NOON, key, make_as_of, make_assumption, make_setback

VALIDATED = make_as_of(Status.VALIDATED)


def candidate(
    number: int = 1,
    statement: str = "The payments API is live by March",
    as_of: AsOf | None = None,
    **fields: object,
) -> Candidate:
    fields = {"logged_at": NOON - 10 * DAY, "key": key(number), **fields}
    assumption = make_assumption(number, statement=statement, **fields)
    return Candidate(assumption=assumption, as_of=as_of or make_as_of())


def numbers(suggestions: list[Suggestion]) -> list[int]:
    return [one.key.number for one in suggestions]


def test_what_shares_words_and_was_not_validated_is_suggested_with_reasons() -> None:
    setback = make_setback(text="Waiting for the payments API", services=("Checkout",))
    one = candidate(services=("checkout", "billing"), impact=Impact.CRITICAL)

    (found,) = rank(setback, [one])

    assert found.reasons == (
        "not validated when this began",
        "same service: Checkout",
        "same project",
        "shares: payments, API",
        "load-bearing",
    )


def test_what_was_not_validated_then_comes_before_what_was_however_alike() -> None:
    alike = "waiting for the payments API"
    stale = make_as_of(Status.VALIDATED, is_stale=True)
    candidates = [
        candidate(1, alike, VALIDATED),
        candidate(2, "Payments API keys are shared", make_as_of(Status.REFUTED)),
        candidate(3, "The payments API takes euros", stale),
    ]

    found = rank(make_setback(text=alike), candidates)

    assert sorted(numbers(found)[:2]) == [2, 3]
    assert numbers(found)[2] == 1
    assert {one.reasons[0] for one in found} == {
        "validated when this began",
        "known to be wrong when this began",
        "its answer had expired when this began",
    }


def test_a_weak_one_is_never_used_to_fill_the_list() -> None:
    setback = make_setback(text="The importer lost every third order from the warehouse feed")
    weak = [
        candidate(1, "The designers deliver the order page by May"),
        candidate(2, "Nobody leaves the team before summer"),
    ]

    assert rank(setback, weak) == []


def test_the_same_service_is_enough_without_a_shared_word() -> None:
    setback = make_setback(
        kind=SetbackKind.INCIDENT, text="p99 over budget", services=("checkout",), project=None
    )
    other = candidate(2, services=("search",))

    found = rank(setback, [candidate(1, services=("checkout",)), other])

    assert numbers(found) == [1]


def test_endings_and_case_do_not_matter_and_common_words_do_not_count() -> None:
    setback = make_setback(text="VENDORS deliveries slipped again", project=None)

    found = rank(setback, [candidate(1, "The vendor's delivery comes in May")])

    assert found[0].reasons[-1] == "shares: VENDORS, deliveries"


def test_words_that_every_text_has_do_not_count() -> None:
    setback = make_setback(text="It is not working and they were waiting for it")

    assert rank(setback, [candidate(1, "They were waiting and it is not down")]) == []


def test_of_two_alike_the_more_harmful_then_the_newer_then_the_lower_key_comes_first() -> None:
    setback = make_setback(text="waiting for the payments API")
    candidates = [
        candidate(4),
        candidate(3),
        candidate(2, logged_at=NOON - 400 * DAY),
        candidate(1, impact=Impact.CRITICAL, logged_at=NOON - 50 * DAY),
    ]

    assert numbers(rank(setback, candidates, limit=9)) == [1, 3, 4, 2]


_TEXTS = [
    "waiting for the payments API",
    "The payments API is live by March",
    "checkout vendor signs in May",
    "The importer keeps up",
    "",
    "支払い API",
]
_as_ofs = st.builds(make_as_of, st.sampled_from(Status))
_candidates = st.lists(
    st.builds(
        candidate,
        st.integers(1, 50),
        st.sampled_from(_TEXTS) | st.text(max_size=40),
        _as_ofs,
        impact=st.sampled_from(Impact),
        services=st.sampled_from([(), ("checkout",)]),
    ),
    max_size=8,
    unique_by=lambda one: one.assumption.key,
)


@given(st.sampled_from(_TEXTS), _candidates, st.data())
def test_the_order_of_the_candidates_changes_nothing(
    text: str, candidates: list[Candidate], data: st.DataObject
) -> None:
    setback = make_setback(text=text, services=("checkout",))

    found = rank(setback, candidates)

    assert found == rank(setback, data.draw(st.permutations(candidates)))
    assert len(found) <= 3
    assert all(one.reasons for one in found)
