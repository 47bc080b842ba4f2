import json
from dataclasses import replace
from datetime import timedelta

from bot.demo.words import lines
from bot.domain.chain import PASSED_ON
from bot.domain.history import Answered, Asked, Edited, StakeholderAdded, WentUnanswered
from bot.domain.ids import UserId
from bot.domain.prompt import Prompt, PromptKey, PromptKind, PromptState
from bot.domain.trace import Role
from bot.domain.validation import Answer
from bot.slack import ids
from bot.slack.views.details import details, details_message
from bot.slack.views.timeline import PAGE, timeline
from bot.usecases.assumption_show import Shown
from tests.make import (
    ANA,
    BO,
    CY,
    DAY,
    NOON,
    WORKSPACE,
    key,
    logged,
    make_assumption,
    make_history,
    make_project,
    make_setback,
    make_trace,
)

HOUR = timedelta(hours=1)
POSTED_MAX = 13_000  # characters; chat.postMessage refuses more with msg_blocks_too_long
NAMES: dict[str, str] = {ANA: "ana", BO: "bo", CY: "cy"}


def told(shown: Shown) -> list[str]:
    """Each entry as a person reads it, without its moment."""
    texts = ["\n".join(lines({"blocks": blocks}, NAMES)) for blocks in timeline(shown)]
    return [text.partition("  ")[2] for text in texts]


def test_a_history_is_told_by_name_with_what_was_sent_changed_and_traced() -> None:
    asked = Asked(stakeholder=BO, kind=PromptKind.ASK, round=1, attempt=1)
    evidence = "The vendor wrote so. " * 20
    events = make_history(
        (NOON, ANA, logged()),
        (NOON + HOUR, None, asked),
        (NOON + 2 * HOUR, BO, StakeholderAdded(stakeholder=CY, reason=PASSED_ON)),
        (
            NOON + 3 * HOUR,
            ANA,
            Edited(changes=(("owner", ANA, BO), ("validate_by", "", "2026-03-20"))),
        ),
        (NOON + 4 * HOUR, None, WentUnanswered(stakeholder=BO, round=1)),
        (
            NOON + 6 * HOUR,
            CY,
            Answered(answer=Answer.FAILS, evidence=evidence, valid_until=None, round=1),
        ),
    )
    escalation = PromptKey(
        assumption=key(), stakeholder=BO, round=1, kind=PromptKind.ESCALATE, attempt=2
    )
    prompt = Prompt(
        workspace=WORKSPACE,
        key=escalation,
        due_at=NOON,
        first_due_at=NOON,
        reason="no answer",
        state=PromptState.SENT,
        sent_at=NOON + 5 * HOUR,
    )
    trace = replace(
        make_trace(role=Role.CAUSED), decided_by=UserId(ANA), decided_at=NOON + 7 * HOUR
    )
    shown = Shown(
        assumption=make_assumption(),
        project=make_project(),
        events=tuple(events),
        prompts=(prompt,),
        traces=((trace, make_setback(text="Checkout was late")),),
        foundations=(),
        dependants=(),
    )

    found = told(shown)

    assert found[0].startswith("@ana said that it caused delay #1 “Checkout was late”")
    assert found[1].startswith("@cy answered not true: “The vendor wrote so.")
    assert evidence.strip() in found[1]
    assert found[2] == "Still True? told the project's lead that @bo has not answered"
    assert found[3] == "Still True? counted a silence: @bo did not answer"
    assert found[4] == (
        "@ana changed owner from @ana to @bo and validate by from nothing to Friday 20 March 2026"
    )
    assert found[5] == "@bo passed the question on to @cy"
    assert found[6] == "Still True? asked @bo"
    assert found[7].startswith("@ana logged it")


def test_a_message_with_much_evidence_stays_one_that_slack_posts() -> None:
    evidence = "The vendor & the bank wrote so. " * 90
    answers = (
        (
            NOON + n * HOUR,
            BO,
            Answered(answer=Answer.HOLDS, evidence=evidence, valid_until=None, round=n),
        )
        for n in range(1, PAGE + 1)
    )
    shown = Shown(
        assumption=make_assumption(statement=evidence, consequence=evidence),
        project=make_project(),
        events=tuple(make_history((NOON, ANA, logged()), *answers)),
        prompts=(),
        traces=(),
        foundations=(),
        dependants=(),
    )

    posted = details_message(shown, now=NOON + DAY)
    page = details(shown, now=NOON + DAY)

    assert len(json.dumps(posted["blocks"])) < POSTED_MAX
    assert ids.SHOW in json.dumps(posted)  # the way to what was cut
    assert json.dumps(page).count(json.dumps(evidence.strip())[1:-1]) == PAGE
