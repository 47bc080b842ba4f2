import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.text import (
    counted,
    escape,
    rich_text,
    stored,
    typed_command,
    typed_message,
    unescape,
)

PEOPLE = {"bo": "U1", "ana.silva": "U2"}
CHANNELS = {"apollo": "C1"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("@bo", "<@U1>"),
        ("ask @bo.", "ask <@U1>."),
        ("@Ana.Silva?", "<@U2>?"),
        ("@nobody", "@nobody"),
        ("mail bo@bo", "mail bo@bo"),
        ("#apollo", "<#C1|apollo>"),
        ("@channel", "<!channel>"),
        ("<@U1> & <!here>", "&lt;@U1&gt; &amp; &lt;!here&gt;"),
        ("&lt;", "&amp;lt;"),
        ("see https://x.y/?a&b", "see <https://x.y/?a&amp;b>"),
    ],
)
def test_typed_text_is_kept_as_slack_keeps_it(typed: str, kept: str) -> None:
    assert typed_message(typed, PEOPLE, CHANNELS) == kept


def test_a_command_gets_names_in_its_mentions() -> None:
    assert typed_command("ask @bo in #apollo @here", PEOPLE, CHANNELS) == (
        "ask <@U1|bo> in <#C1|apollo> @here"
    )


@given(st.text())
def test_escaping_and_back_changes_nothing(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.text(alphabet="&<>;ampltg @U1|!heraconl#C^dtx"))
def test_what_is_stored_is_stored_once(text: str) -> None:
    once = stored(text)

    assert stored(once) == once
    assert len(once) >= len(text)


@given(st.text(max_size=40))
def test_a_typed_text_reads_back_from_its_rich_text(text: str) -> None:
    kept = typed_message(text, {}, {})

    (section,) = rich_text(kept, "b")["elements"]
    shown = "".join(
        one.get("text") or one.get("url") or f"@{one['range']}" for one in section["elements"]
    )
    assert shown == text


def test_a_lone_ampersand_counts_five() -> None:
    assert counted("a&b", mrkdwn=True) == counted("a&b", mrkdwn=False) == 7
    assert counted("<@U1>", mrkdwn=True) == 5
    assert counted("<@U1>", mrkdwn=False) == 11
