"""Steps for Workflow Builder: logging and recording from a workflow, answered once for each run.

A step acts in the name of a person whom the workflow's builder chose, and reaches no further than
both that person and everybody in the company do: `bot.usecases.step` says why.
"""

from dataclasses import dataclass, replace
from typing import Any

from bot.domain import quick_form, setback_line
from bot.domain.assumption import Impact, words_problem
from bot.domain.delivery import Delivery, SecondCopyError
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import ChannelId, UserId
from bot.domain.permission import WORKFLOW
from bot.domain.quick_form import QuickForm
from bot.domain.setback import Cost, SetbackDraft, timed
from bot.slack import assumption, ids, steps
from bot.slack.channel import learn
from bot.slack.dispatch import Routes
from bot.slack.interaction import Happened
from bot.slack.people import askable
from bot.slack.reader import reader_of
from bot.slack.setback import moment_in
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.usecases.assumption import check_may_record
from bot.usecases.channel import known_channel
from bot.usecases.step import fail_step, logging_for, record_for_step

_NO_PROJECT = (
    "I find no project for that channel that a workflow may log into for the person of this step. "
    "Choose the channel of a project, not a private one, and somebody who may read it, or start a "
    "project there with {command}."
)
_NO_CHANNEL = (
    "I cannot see that a workflow may record there for the person of this step. Choose a channel "
    "that is not private, and somebody who may read it."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """One run of a step; `happened` is of the person for whom it acts."""

    happened: Happened
    id: str
    inputs: dict[str, Any]

    def text(self, name: str) -> str:
        value = self.inputs.get(name)
        return "" if value is None else str(value).strip()

    def words(self, name: str) -> tuple[str, ...]:
        parts = (part.strip() for part in self.text(name).split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    @property
    def channel(self) -> ChannelId:
        return ChannelId(self.text(steps.IN_CHANNEL))


async def ran(tools: Tools, happened: Happened) -> Reply:
    """Do what the step says and note the answer before the ack; a copy finds it done.

    What cannot be done ends the run with a sentence for whoever built the workflow.
    """
    run = _read(happened)
    act = _ACTS.get(str((happened.event.get("function") or {}).get("callback_id")))
    if act is None:
        return None
    try:
        try:
            await act(tools, run)
        except UserFixableError as error:
            await tools.write_once(
                run.happened,
                fail_step,
                happened.workspace,
                run.id,
                str(error),
                now=tools.clock.now(),
            )
    except SecondCopyError:
        return None
    return None


def _read(happened: Happened) -> _Run:
    run, inputs = str(happened.event["function_execution_id"]), happened.event.get("inputs")
    given = dict(inputs) if isinstance(inputs, dict) else {}
    person = UserId(str(given.get(steps.BY) or ""))
    delivery = Delivery("slack", f"step|{run}")
    return _Run(happened=replace(happened, user=person, delivery=delivery), id=run, inputs=given)


async def _log(tools: Tools, run: _Run) -> None:
    workspace, happened = run.happened.workspace, run.happened
    await askable(tools, workspace, [happened.user])
    project = await tools.projects.of_channel(workspace, run.channel)
    no_project = UserFixableError(_NO_PROJECT.format(command=tools.names.assume))
    if project is None:
        raise no_project
    await _know(tools, run)
    reader = await reader_of(tools, happened)
    try:
        for one in (WORKFLOW, reader):  # before a word of what the inputs say of anybody
            await tools.db.read(check_may_record, project, one)
        await assumption.log_line(
            tools,
            happened,
            _line_of(run),
            project=project,
            channel=project.channel,
            unit=logging_for(run.id),
        )
    except NotFoundError:
        raise no_project from None  # what they may not see answers as though it were not there


async def _know(tools: Tools, run: _Run) -> None:
    """Ask Slack what the channel is, where nobody has yet."""
    known = await tools.db.read(known_channel, run.happened.workspace, run.channel)
    if known is None or not known.is_known:
        await learn(tools, run.happened.workspace, run.channel)


def _line_of(run: _Run) -> QuickForm:
    """Read the inputs as the one-line form reads its options."""
    problems: list[str] = []
    impact = confidence = None
    try:
        impact = quick_form.read_impact(run.text(steps.IMPACT) or Impact.MEDIUM)
        if run.text(steps.CONFIDENCE):
            confidence = quick_form.read_confidence(run.text(steps.CONFIDENCE))
    except ValueError as problem:
        problems.append(str(problem))
    services = run.words(steps.SERVICES)
    problems += filter(None, [words_problem(services, "services")])
    ask, backup = run.text(steps.ASK), run.text(steps.BACKUP)
    if backup and backup == ask:
        problems.append("The backup is asked anyway. Name another person as backup.")
    return QuickForm(
        statement=run.text(steps.TEXT),
        ask=(UserId(ask),) if ask else (),
        backup=UserId(backup) if backup else None,
        by_words=run.text(steps.WHEN),
        impact=impact,
        confidence_percent=confidence,
        services=services,
        problems=tuple(problems),
    )


async def _record(tools: Tools, run: _Run) -> None:
    workspace, happened = run.happened.workspace, run.happened
    await askable(tools, workspace, [happened.user])
    await _know(tools, run)
    draft = await _draft_of(tools, run)
    try:
        recorded = await tools.write(
            record_for_step,
            workspace,
            draft,
            execution=run.id,
            by=happened.user,
            now=tools.clock.now(),
            delivery=happened.delivery,
            reader=await reader_of(tools, happened),
        )
    except NotFoundError:
        raise UserFixableError(_NO_CHANNEL) from None
    if recorded is None:
        raise SecondCopyError(run.id)


async def _draft_of(tools: Tools, run: _Run) -> SetbackDraft:
    """Read the inputs as the one-line form reads its words."""
    kind, cost = run.text(steps.KIND), run.text(steps.COST)
    named = setback_line.parse(kind)
    if named is None or named.text:
        raise UserFixableError(
            f"“{kind[:60]}” is no kind of setback. Write incident, delay, bug or scope change."
        )
    line = setback_line.parse(f"{kind} {cost}")
    if line is None or line.text:
        raise UserFixableError(
            f"I cannot read “{cost[:60]}” as a cost. Write 3 days, 45 min or 1200 EUR."
        )
    services = tuple(decode(name) for name in run.words(steps.SERVICES))
    problem = decode(line.problem) or words_problem(services, "services")
    if problem:
        raise UserFixableError(problem)
    started, words = tools.clock.now(), decode(run.text(steps.STARTED))
    if words:
        found = await moment_in(tools, run.happened, words)
        if found is None:
            raise UserFixableError(
                f"I cannot read “{words[:60]}” as a moment. Write today 14:05 or yesterday."
            )
        started = found
    project = await tools.projects.of_channel(run.happened.workspace, run.channel)
    return timed(
        SetbackDraft(
            kind=line.kind,
            text=decode(run.text(steps.TEXT)),
            started_at=started,
            ended_at=None,
            cost=Cost(minutes_down=line.minutes, working_days_slipped=line.days, money=line.money),
            severity=line.severity,
            services=services,
            project=project.key if project is not None else None,
            channel=run.channel,
        )
    )


_ACTS = {ids.LOG_STEP: _log, ids.RECORD_STEP: _record}

ROUTES = Routes(events={"function_executed": ran})
