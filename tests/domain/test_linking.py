from hypothesis import given
from hypothesis import strategies as st

from bot.domain.assumption import Impact, Status
from bot.domain.history import AsOf
from bot.domain.linking import Candidate, Decision, Suggestion, learn, rank
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


def test_the_same_service_without_a_shared_word_is_only_among_the_rest() -> None:
    setback = make_setback(
        kind=SetbackKind.INCIDENT, text="p99 over budget", services=("checkout",), project=None
    )
    candidates = [candidate(1, services=("checkout",)), candidate(2, services=("search",))]

    assert rank(setback, candidates) == []
    assert numbers(rank(setback, candidates, leaves_out_weak=False)) == [1]


def test_weak_ones_come_after_all_others_whatever_their_status() -> None:
    setback = make_setback(text="waiting for the payments API", services=("checkout",))
    weak = candidate(1, "Designers are back", services=("checkout",), impact=Impact.CRITICAL)
    strong = candidate(2, "The payments API is live", VALIDATED)

    assert numbers(rank(setback, [weak, strong], leaves_out_weak=False)) == [2, 1]


def test_a_word_that_is_alone_counts_only_among_many_that_do_not_have_it() -> None:
    setback = make_setback(text="We count revenue differently")
    one = candidate(1, "Finance agrees with our definition of revenue")
    others = [candidate(n, f"Something else, number {n}") for n in range(2, 50)]

    assert rank(setback, [one, *others[:3]]) == []
    assert numbers(rank(setback, [one, *others])) == [1]


def decision(text: str, statement: str, *, is_confirmed: bool, service: str = "") -> Decision:
    services = (service,) if service else ()
    return Decision(
        setback_text=text,
        setback_services=services,
        statement=statement,
        services=services,
        is_confirmed=is_confirmed,
    )


def test_what_was_confirmed_and_rejected_weighs_a_word_by_a_simple_rule() -> None:
    yes = decision("vendor was late", "The vendor is quick", is_confirmed=True, service="Search")
    no = decision("API broke", "The API is stable", is_confirmed=False, service="search")

    learned = learn([yes, yes, no, no, no])

    assert learned.words == {"vendor": 2 * 4 / 6, "api": 2 * 2 / 7}
    assert learned.services == {"search": 2 * 4 / 9}


def test_a_word_that_led_astray_in_this_workspace_counts_less_and_less() -> None:
    setback = make_setback(text="vendor portal was down")
    candidates = [
        candidate(1, "The portal is translated"),
        candidate(2, "The vendor signs in May"),
        *(candidate(n, f"Something else, number {n}") for n in range(3, 50)),
    ]
    astray = decision("the portal is slow", "The portal is new", is_confirmed=False)

    before = rank(setback, candidates)
    after = rank(setback, candidates, learned=learn([astray] * 3))

    assert numbers(before) == [1, 2]
    assert numbers(after) == [2]


@given(st.lists(st.booleans(), max_size=40))
def test_what_is_learned_stays_within_bounds(outcomes: list[bool]) -> None:
    learned = learn(
        decision("the vendor was late", "The vendor is quick", is_confirmed=one) for one in outcomes
    )

    assert all(0 < factor < 2 for factor in learned.words.values())


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
