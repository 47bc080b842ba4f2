"""Text that a person may type: stored as typed, shown inert, cut where Slack would refuse it."""

import pytest

from bot.demo.people import APOLLO
from bot.domain.errors import NotFoundError
from bot.domain.permission import OPERATOR
from bot.slack import ids
from bot.usecases.setback import get_setback
from tests.journeys.journey import OVER_HTTP_ALONE, Journey

pytestmark = OVER_HTTP_ALONE

NASTY = {
    "emoji": "It ships 🚀 👩‍👩‍👧 :tada:",
    "right to left": "ה-API חי \u202eabc\u202c בזמן",
    "a broadcast": "<!channel> tell <!here> and @everyone",
    "a mention": "<@U0BO> knows, and so does <@U0NOBODY>",
    "an entity": "a &lt; b &amp;&amp; c &gt; d <b>bold</b>",
    "a format": "`code` *bold* _it_ ~no~ ```block``` > quote",
    "a link": "see <https://example.com|click me> and https://example.com/?a=1&b=2",
    "lines": "one\n\ntwo\n  three",
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
async def test_a_statement_is_stored_as_typed_and_shown_inert(journey: Journey, text: str) -> None:
    await journey.ana.say(APOLLO, "/assume")
    form = await journey.ana.form("What do you rely on?")
    await journey.ana.submit(
        form, **{ids.STATEMENT: text, ids.CONSEQUENCE: text, ids.ASKED: [journey.bo.id]}
    )

    card = await journey.ana.sees(APOLLO, "APOLLO-1")
    ask = await journey.asked(journey.bo)
    kept = await journey.assumption()
    assert (kept.statement, kept.consequence) == (text, text)
    for message in (card, ask):
        assert inert(message)
        assert text.splitlines()[-1].strip()[-4:] in journey.ana.read(message)


def inert(message: dict[str, object]) -> bool:
    """Whether nothing that was typed is a mention, a link or a format in it."""
    seen = str(message["blocks"]) + str(message["text"])
    unwanted = ("<!channel", "<!here", "<@U0NOBODY", "<https://example.com|click", "<b>")
    in_mrkdwn = [part for part in unwanted if part in _mrkdwn_of(message)]
    is_broadcast = "'type': 'broadcast'" in seen
    return not in_mrkdwn and not is_broadcast


def _mrkdwn_of(message: dict[str, object]) -> str:
    found: list[str] = [str(message["text"])]

    def walk(part: object) -> None:
        if isinstance(part, dict):
            if part.get("type") == "mrkdwn":
                found.append(str(part["text"]))
                assert part["verbatim"] is True
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for value in part:
                walk(value)

    walk(message["blocks"])
    return "\n".join(found)


@pytest.mark.parametrize("text", ["", "   ", "\n\n"])
async def test_a_statement_of_nothing_is_refused_beside_its_field(
    journey: Journey, text: str
) -> None:
    await journey.ana.say(APOLLO, "/assume")
    form = await journey.ana.form("What do you rely on?")

    answer = await journey.ana.submit(form, **{ids.STATEMENT: text})

    assert ids.STATEMENT in answer["errors"]
    with pytest.raises(NotFoundError):
        await journey.assumption()


async def test_ten_thousand_characters_are_kept_cut_and_one_click_away(journey: Journey) -> None:
    text = "The payments API & its <docs> are live. " * 250
    assert len(text.strip()) == 9_999

    await journey.ana.say(APOLLO, f"/assume {text}| ask @bo")

    card = await journey.bo.sees(APOLLO, "APOLLO-1", "…")
    assert (await journey.assumption()).statement == text.strip()
    await journey.bo.press(card, "Read it all")
    whole = await journey.bo.form("The payments API")
    assert journey.bo.read(whole).count("<docs>") == 250


async def test_one_character_too_many_is_refused_with_the_figure(journey: Journey) -> None:
    await journey.ana.say(APOLLO, f"/assume {'x' * 10_001} | ask @bo")

    await journey.ana.sees(APOLLO, "10,001 characters")
    with pytest.raises(NotFoundError):
        await journey.assumption()


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
async def test_evidence_is_stored_as_typed_and_shown_inert(journey: Journey, text: str) -> None:
    await journey.log("The API is live | ask @bo")
    ask = await journey.asked(journey.bo)

    await journey.answer(journey.bo, ask, "Not true", text)

    told = await journey.ana.sees(APOLLO, "Not true, says bo")
    answered = await journey.bo.reads(ask, "You said: not true")
    assert inert(told)
    assert inert(answered)


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY.keys())
async def test_a_setback_is_stored_as_typed_and_shown_inert(journey: Journey, text: str) -> None:
    await journey.ana.say(APOLLO, "/setback")
    form = await journey.ana.form("What went wrong?")
    await journey.ana.submit(form, **{ids.TEXT: text})

    posted = await journey.ana.sees(APOLLO, "Delay #1")
    assert inert(posted)
    assert (await journey.stored(get_setback, 1, reader=OPERATOR)).text == text


async def test_a_typed_mention_of_everybody_stays_text_in_the_quick_form(journey: Journey) -> None:
    kept = await journey.log("<!channel> & `all` agree | ask @bo")

    assert kept.statement == "<!channel> & `all` agree"
    card = await journey.ana.sees(APOLLO, "<!channel> & `all` agree")
    assert inert(card)
