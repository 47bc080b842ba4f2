"""Sealing: what comes back, where it comes back, and what is said where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import FatalError
from bot.store.cipher import Cipher, new_key

OLD, NEW = new_key(), new_key()
PLACE = ("T0HERE", "installation.bot_token")


@given(st.text(), st.lists(st.text(), min_size=1, max_size=3))
def test_what_is_sealed_comes_back_and_never_looks_the_same(text: str, place: list[str]) -> None:
    cipher = Cipher.from_text(NEW)

    sealed = [cipher.seal(text, *place) for _ in range(2)]

    assert [cipher.open(one, *place) for one in sealed] == [text, text]
    assert sealed[0] != sealed[1]


@given(st.data())
def test_a_sealed_text_opens_neither_elsewhere_nor_changed(data: st.DataObject) -> None:
    cipher = Cipher.from_text(NEW)
    sealed = cipher.seal("xoxb-secret", *PLACE)
    at = data.draw(st.integers(sealed.rindex(".") + 1, len(sealed) - 2))
    other = data.draw(st.sampled_from("abcXYZ019").filter(lambda one: one != sealed[at]))
    changed = sealed[:at] + other + sealed[at + 1 :]

    for text, place in ((changed, PLACE), (sealed, ("T0ELSE", PLACE[1])), (sealed, PLACE[:1])):
        with pytest.raises(FatalError, match="changed or moved"):
            cipher.open(text, *place)


@pytest.mark.parametrize("left", ["", "A", "AAAA", "ä"])
def test_a_sealed_text_that_was_cut_is_told_like_a_changed_one(left: str) -> None:
    cipher = Cipher.from_text(NEW)
    beginning = cipher.seal("xoxb-secret", *PLACE).rpartition(".")[0]

    with pytest.raises(FatalError, match="changed or moved"):
        cipher.open(f"{beginning}.{left}", *PLACE)


def test_keys_rotate_without_a_moment_in_which_something_cannot_be_read() -> None:
    before = Cipher.from_text(OLD)
    sealed = before.seal("xoxb-secret", *PLACE)

    both, after = Cipher.from_text(f"{NEW}, {OLD}"), Cipher.from_text(NEW)

    assert both.open(sealed, *PLACE) == "xoxb-secret"
    assert before.is_current(sealed)
    assert not both.is_current(sealed)
    with pytest.raises(FatalError, match=r"not in STILLTRUE_ENCRYPTION_KEYS.*stilltrue key rotate"):
        after.open(sealed, *PLACE)
    assert after.open(both.seal("xoxb-secret", *PLACE), *PLACE) == "xoxb-secret"


@pytest.mark.parametrize(
    "text",
    ["nonsense", "c2hvcnQ=", NEW[:-4], f"{NEW},%%%", "schlüssel"],
    ids=["a word", "short", "cut", "one of two", "letters"],  # each worker makes its own NEW
)
def test_a_wrong_key_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(FatalError, match="stilltrue key new") as caught:
        Cipher.from_text(text)

    assert text not in str(caught.value)


def test_without_a_key_nothing_is_sealed() -> None:
    with pytest.raises(FatalError, match="stilltrue key new"):
        Cipher.from_text(" , ").seal("xoxb-secret", *PLACE)
