"""What people write to the bot, and how it must be read."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey
from bot.domain.request import (
    EVERYWHERE,
    EXAMPLES,
    Broke,
    Due,
    Help,
    Listed,
    Log,
    Reported,
    Request,
    Shown,
    Where,
    Which,
    WhoIsAsked,
    render,
)
from bot.domain.request_grammar import nearest_request, parse
from bot.domain.setback import SetbackKind

IN_APOLLO = Where(words="apollo")
IN_CHANNEL = Where(channel=ChannelId("C0PAY"))
TWELVE = AssumptionKey(ProjectKey("APOLLO"), 12)

READ: list[tuple[str, Request]] = [
    ("what is unvalidated in Apollo?", Listed(Which.UNVALIDATED, IN_APOLLO)),
    ("What's unvalidated?", Listed(Which.UNVALIDATED)),
    ("unvalidated", Listed(Which.UNVALIDATED)),
    (
        "please show me what is unvalidated in the Apollo project",
        Listed(Which.UNVALIDATED, IN_APOLLO),
    ),
    ("which assumptions are not confirmed yet?", Listed(Which.UNVALIDATED)),
    ("Is anything unconfirmed in #apollo", Listed(Which.UNVALIDATED, IN_APOLLO)),
    ("any unverified assumptions in <#C0PAY|payments>?", Listed(Which.UNVALIDATED, IN_CHANNEL)),
    ("unvalidated apollo", Listed(Which.UNVALIDATED, IN_APOLLO)),
    ("list stale", Listed(Which.STALE)),
    ("LIST STALE!!", Listed(Which.STALE)),
    ("hey, could you list the stale ones in apollo, please?", Listed(Which.STALE, IN_APOLLO)),
    ("list stale apollo", Listed(Which.STALE, IN_APOLLO)),
    ("list apollo stale", Listed(Which.STALE, IN_APOLLO)),
    ("which ones are expired", Listed(Which.STALE)),
    ("show me everything that's stale", Listed(Which.STALE)),
    ("what has gone stale everywhere?", Listed(Which.STALE, EVERYWHERE)),
    ("show old assumptions", Listed(Which.STALE)),
    ("what has not been validated in Apollo?", Listed(Which.UNVALIDATED, IN_APOLLO)),
    ("What hasn't been confirmed yet?", Listed(Which.UNVALIDATED)),
    ("what isn’t validated in apollo", Listed(Which.UNVALIDATED, IN_APOLLO)),
    ("which assumptions haven't been answered?", Listed(Which.UNVALIDATED)),
    ("what has nobody confirmed yet?", Listed(Which.UNVALIDATED)),
    ("what's load-bearing in Apollo?", Listed(Which.CRITICAL, IN_APOLLO)),
    ("critical assumptions", Listed(Which.CRITICAL)),
    ("list critical", Listed(Which.CRITICAL)),
    ("what should we validate next?", Listed(Which.NEXT)),
    ("top risks in apollo", Listed(Which.NEXT, IN_APOLLO)),
    ("what are the riskiest assumptions in Apollo?", Listed(Which.NEXT, IN_APOLLO)),
    ("show me Apollo's stale assumptions", Listed(Which.STALE, IN_APOLLO)),
    ("what are Apollo’s assumptions?", Listed(Which.OPEN, IN_APOLLO)),
    ("overdue", Listed(Which.OVERDUE)),
    ("what is late in apollo?", Listed(Which.OVERDUE, IN_APOLLO)),
    ("which assumptions turned out wrong?", Listed(Which.REFUTED)),
    ("what is no longer true?", Listed(Which.REFUTED)),
    ("what turned out to be wrong?", Listed(Which.REFUTED)),
    (
        "show wrong assumptions of Apollo Launch",
        Listed(Which.REFUTED, Where(words="apollo launch")),
    ),
    ("list refuted", Listed(Which.REFUTED)),
    ("mine", Listed(Which.MINE)),
    ("list mine", Listed(Which.MINE)),
    ("show me my assumptions", Listed(Which.MINE)),
    ("what do I rely on?", Listed(Which.MINE)),
    ("list", Listed(Which.OPEN)),
    ("list apollo", Listed(Which.OPEN, IN_APOLLO)),
    ("what do we assume?", Listed(Which.OPEN)),
    ("what does Apollo rely on?", Listed(Which.OPEN, IN_APOLLO)),
    ("what are we betting on in apollo", Listed(Which.OPEN, IN_APOLLO)),
    ("which assumptions do we have?", Listed(Which.OPEN)),
    ("what is still open here?", Listed(Which.OPEN)),
    ("open assumptions in all projects", Listed(Which.OPEN, EVERYWHERE)),
    ("list all", Listed(Which.ALL)),
    ("list all assumptions in apollo", Listed(Which.ALL, IN_APOLLO)),
    ("show APOLLO-12", Shown(TWELVE)),
    ("apollo-12", Shown(TWELVE)),
    ("what about APOLLO-12?", Shown(TWELVE)),
    ("what's the status of apollo-12?", Shown(TWELVE)),
    ("is APOLLO-12 still true?", Shown(TWELVE)),
    ("is apollo 12 still true?", Shown(TWELVE)),
    ("can you tell me about apollo-12", Shown(TWELVE)),
    ("what happened to APOLLO-12?", Shown(TWELVE)),
    ("APOLLO-12 history", Shown(TWELVE)),
    ("who is asked about APOLLO-12?", WhoIsAsked(TWELVE)),
    ("who's asked about apollo-12", WhoIsAsked(TWELVE)),
    ("Who owns APOLLO-12?", WhoIsAsked(TWELVE)),
    ("who should confirm apollo-12", WhoIsAsked(TWELVE)),
    ("stakeholders of APOLLO-12", WhoIsAsked(TWELVE)),
    ("whom do you ask about apollo-12 ?", WhoIsAsked(TWELVE)),
    ("who are you asking about APOLLO-12", WhoIsAsked(TWELVE)),
    ("who can tell about APOLLO-12?", WhoIsAsked(TWELVE)),
    ("who's asked about Apollo 12?", WhoIsAsked(TWELVE)),
    ("show apollo 12", Shown(TWELVE)),
    ("log: we assume the API is live", Log("the API is live")),
    ("log that we assume the vendor ships in May", Log("the vendor ships in May")),
    ("please log we're assuming that the API is live", Log("the API is live")),
    (
        "Log this: The API is live | ask <@U1|bo> by friday",
        Log("The API is live | ask <@U1|bo> by friday"),
    ),
    ("please log in apollo: the vendor signs", Log("the vendor signs", IN_APOLLO)),
    ("log in <#C0PAY|payments>: refunds are rare", Log("refunds are rare", IN_CHANNEL)),
    ("assume: Nobody is on leave", Log("Nobody is on leave")),
    ("can you note: I'm assuming that Bo is back", Log("Bo is back")),
    ("what broke last week", Broke(period="last week")),
    ("What went wrong in Apollo last month?", Broke(None, IN_APOLLO, "last month")),
    ("what broke last week in apollo?", Broke(None, IN_APOLLO, "last week")),
    ("anything broken since Monday?", Broke(period="since monday")),
    ("incidents this month", Broke(SetbackKind.INCIDENT, period="this month")),
    (
        "which delays did we have in the past 30 days?",
        Broke(SetbackKind.DELAY, period="last 30 days"),
    ),
    ("list setbacks", Broke()),
    ("what broke yesterday", Broke(period="since yesterday")),
    ("report", Reported()),
    ("report for Apollo", Reported(IN_APOLLO)),
    ("Report apollo last month", Reported(IN_APOLLO, "last month")),
    ("can I get the report for apollo, last cycle?", Reported(IN_APOLLO, "last cycle")),
    ("report all 90 days", Reported(EVERYWHERE, "90 days")),
    ("how is Apollo doing?", Reported(IN_APOLLO)),
    ("what did we learn this quarter?", Reported(period="this quarter")),
    ("what will I be asked?", Due()),
    ("what are you going to ask me next?", Due()),
    ("any questions for me?", Due()),
    ("what's waiting for me?", Due()),
    ("do I have any questions?", Due()),
    ("when will you ask me again?", Due()),
    ("my questions", Due()),
    ("due", Due()),
    ("help", Help()),
    ("", Help()),
    ("Hi!", Help()),
    ("what can you do?", Help()),
    ("how does this work?", Help()),
]

NOTHING = [
    "thank you so much, that helps a lot",
    "lol",
    "hello there",
    "what's for lunch?",
    "is Bo here?",
    "open the door",
    "show me the money",
    "stale bread is fine for croutons",
    "who is Bo?",
    "who is asked?",
    "report to Ana at five",
    "list of vendors is final",
    "I assume so",
    "log rotation is broken",
    "logging in to apollo does not work",
    "what is wrong with you?",
    "what's wrong?",
    "what is true?",
    "are you a robot?",
    "we will be late tomorrow",
    "we are late in apollo",
    "old habits die hard",
    "all hands at noon",
    "I will report back tomorrow",
    "please do not show APOLLO-12 to anybody",
    "APOLLO-12 is nonsense, Bo told me so",
    "is apollo-12 a good name?",
    "who asked for this?",
    "nothing broke last week",
    "due diligence is over",
    "don't list stale",
    "the report for apollo is wrong",
    "log:",
    "log that, please",
    "log in to see what we assume",
    "what about cycle 12?",
    "the vendor hasn't been validated",
    "what's critical is that Bo comes",
    "Bo's assumptions are wrong",
    "what should we eat next?",
    "mine is bigger",
    "delete APOLLO-12",
    "retire APOLLO-12",
]


def test_the_tables_are_as_large_as_they_must_be() -> None:
    assert len(READ) + len(NOTHING) >= 80
    assert len(NOTHING) >= 25


@pytest.mark.parametrize(("text", "wanted"), READ)
def test_a_request_is_read_in_many_wordings(text: str, wanted: Request) -> None:
    assert parse(text) == wanted


@pytest.mark.parametrize("text", NOTHING)
def test_what_only_resembles_a_request_is_read_as_nothing(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize("request_", dict.fromkeys(wanted for _, wanted in READ))
def test_what_was_understood_is_read_as_the_same_again(request_: Request) -> None:
    assert parse(render(request_)) == request_


def test_each_example_of_the_help_is_read() -> None:
    assert all(parse(example) is not None for example in EXAMPLES)


_WORDS = sorted({word for text, _ in READ for word in text.split()} | set(" ?!<#>:|-_*"))


@example("STALE DID")
@example("delays lately")
@example("overdue for of project")
@example("list on project that")
@example("list on the -")
@given(st.one_of(st.text(), st.lists(st.sampled_from(_WORDS), max_size=12).map(" ".join)))
def test_any_text_is_read_and_told_again_in_words_that_mean_the_same(text: str) -> None:
    request = parse(text)

    if request is not None:
        assert parse(render(request)) == request
    assert parse(nearest_request(text)) is not None


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("lst stale", "list stale"),
        ("show everything about apollo-12 to Bo", "show APOLLO-12"),
        ("who the hell decided apollo-12", "who is asked about APOLLO-12"),
        ("reprot", "report"),
        ("retire APOLLO-12", "show APOLLO-12"),
        ("good luck", "help"),
        ("I assume that the vendor ships in *May*", "log: the vendor ships in *May*"),
        ("Apollo assumptions", "list apollo"),
    ],
)
def test_the_nearest_request_is_named(text: str, nearest: str) -> None:
    assert nearest_request(text) == nearest
