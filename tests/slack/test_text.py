import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import clip_escaped, clip_plain, decode, escape


@pytest.mark.parametrize(
    ("arrived", "typed"),
    [
        ("ask <@U1|bob> now", "ask @bob now"),
        ("ask <@U1>", "ask @U1"),
        ("see <#C1|apollo>", "see #apollo"),
        ("see <https://example.com/a?b=1&amp;c=2>", "see https://example.com/a?b=1&c=2"),
        ("see <https://example.com|example.com>", "see https://example.com"),
        ("<!here> look", "@here look"),
        ("<!date^1700000000^{date}|14 November>", "14 November"),
        ("&lt;!channel&gt; is typed", "<!channel> is typed"),
        ("a &amp;lt; b", "a &lt; b"),
        ("a < b", "a < b"),
    ],
)
def test_what_arrives_is_decoded_once_to_what_was_typed(arrived: str, typed: str) -> None:
    assert decode(arrived) == typed


@given(text=st.text())
def test_escaped_text_holds_no_token_and_no_format(text: str) -> None:
    escaped = escape(text)

    assert "<" not in escaped
    assert ">" not in escaped
    assert all(after == "\u200b" for mark in "*_~`" for after in _after(escaped, mark))


def _after(text: str, mark: str) -> list[str]:
    return [text[at + 1 : at + 2] for at, sign in enumerate(text) if sign == mark]


@given(text=st.text(alphabet="a&<>*_é🙂\n", max_size=300), limit=st.integers(1, 120))
def test_a_cut_text_fits_after_escaping(text: str, limit: int) -> None:
    assert len(clip_escaped(text, limit)) <= limit
    assert len(clip_plain(text, limit).replace("&", "&amp;")) <= limit


def test_a_cut_text_ends_in_an_ellipsis_and_keeps_as_much_as_fits() -> None:
    assert clip_plain("abcdef", 4) == "abc…"
    assert clip_escaped("&&&&", 12) == "&amp;&amp;…"


def test_a_direction_mark_cannot_turn_a_sentence_around() -> None:
    assert clip_plain("pay \u202eevil\u202c", 50) == "pay evil"
