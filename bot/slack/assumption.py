"""Logging assumptions: by one line, by the form, or by joining one that is there."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.assumption import AssumptionDraft, Impact, Quorum, is_too_far
from bot.domain.delivery import Delivery
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey, ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.member import Member
from bot.domain.project import Project
from bot.domain.quick_form import QuickForm
from bot.slack import form, ids, show
from bot.slack.channel import shared_warning
from bot.slack.dispatch import Routes
from bot.slack.form import Mistakes
from bot.slack.interaction import Click, Interaction, Submission, Values
from bot.slack.people import CannotBeAskedError, askable, today_in, zone_of
from bot.slack.reader import person_here, reader_of
from bot.slack.show import key_of
from bot.slack.text import decode
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as views
from bot.slack.views.parts import View
from bot.usecases.assumption import log_assumption
from bot.usecases.dates import read_date
from bot.usecases.draft import (
    DraftGoneError,
    join_instead,
    keep_draft,
    log_kept,
    read_draft,
    take_draft,
)
from bot.usecases.near_duplicate import near_duplicates
from bot.usecases.project import get_project
from bot.usecases.working_time import working_time_of

CLOSE_ALL: Reply = {"response_action": "clear"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    key: AssumptionKey
    draft: AssumptionDraft


async def log_line(
    tools: Tools,
    interaction: Interaction,
    line: QuickForm,
    *,
    project: Project,
    channel: ChannelId,
    is_noted: bool = False,
    unless_shared: bool = False,
    unit: Callable[..., AssumptionKey | None] = log_assumption,
) -> Logged | None:
    """Log what a one-line form says; None where this delivery was handled before.

    `is_noted` is for a line that is only a part of what was delivered, and the rest is stored:
    that noted the delivery, and no second copy comes this far. `unless_shared` is for a line of
    which nothing said yet who else will read it. `unit` is `log_assumption`, or does more in the
    same transaction.

    Raises:
        UserFixableError: Something in the line cannot be read, or somebody cannot be asked.
        HomeIsSharedError: Another company reads the project's channel, and nothing said so.
    """
    draft, asked = await _draft_of(tools, interaction, line, channel=channel)
    return await _log(
        tools,
        interaction,
        draft,
        project=project,
        asked=asked,
        delivery=None if is_noted else interaction.delivery,
        unless_shared=unless_shared,
        unit=unit,
    )


async def _draft_of(
    tools: Tools, interaction: Interaction, line: QuickForm, *, channel: ChannelId
) -> tuple[AssumptionDraft, list[Member]]:
    """Read a one-line form, and look up whom it asks.

    Raises:
        UserFixableError: As `log_line`.
    """
    if line.problems:
        raise UserFixableError(decode(" ".join(line.problems)))
    workspace, by = interaction.workspace, interaction.user
    backups = (line.backup,) if line.backup else ()
    asked = await askable(tools, workspace, (*line.ask, *backups))
    draft = AssumptionDraft(
        statement=decode(line.statement),
        owner=by,
        impact=line.impact or Impact.MEDIUM,
        confidence_percent=line.confidence_percent,
        validate_by=await _day(tools, workspace, by, decode(line.by_words)),
        quorum=line.quorum or Quorum.ANY,
        tags=tuple(decode(tag) for tag in line.tags),
        services=tuple(decode(service) for service in line.services),
        channel=channel,
        stakeholders=form.stakeholders(line.ask, line.backup),
    )
    return draft, asked


async def confirm_line(
    tools: Tools, interaction: Interaction, line: QuickForm, *, project: Project
) -> None:
    """Open the form with what the line says: another company will read it, so the person decides.

    Raises:
        UserFixableError: As `log_line`, or the line is longer than a form holds.
    """
    draft, _ = await _draft_of(tools, interaction, line, channel=project.channel)
    if len(draft.statement) > views.FORM_MAX:
        raise UserFixableError(
            f"People of another company read what is posted for {project.key}, so I ask in a form "
            f"first, and that holds {views.FORM_MAX:,} characters. Say it in fewer."
        )
    await open_new(tools, interaction, project, fields=views.Fields.of(draft))


async def _log(
    tools: Tools,
    interaction: Interaction,
    draft: AssumptionDraft,
    *,
    project: Project,
    asked: Sequence[Member],
    delivery: Delivery | None,
    unless_shared: bool = False,
    unit: Callable[..., AssumptionKey | None] = log_assumption,
) -> Logged | None:
    is_here = interaction.channel == project.channel  # the usual case looks nobody up
    key = await tools.write(
        unit,
        draft,
        project=project,
        by=interaction.user,
        asked=asked,
        now=tools.clock.now(),
        cadence=tools.cadence,
        delivery=delivery,
        unless_shared=unless_shared,
        reader=person_here(interaction) if is_here else await reader_of(tools, interaction),
    )
    return Logged(key=key, draft=draft) if key is not None else None


async def _day(tools: Tools, workspace: WorkspaceId, user: UserId, words: str) -> date | None:
    """Read a day in words, as it is where the person is; None where no words were given.

    Raises:
        UserFixableError: The words are no date, or the day has passed or is too far away.
    """
    if not words:
        return None
    now = tools.clock.now()
    zone = await zone_of(tools, workspace, user)
    me = Member(workspace=workspace, user=user, name="", zone=zone, seen_at=now)
    found = read_date(words, now=now, zone=zone, wt=working_time_of(me, around=now.date()))
    if found is None:
        raise UserFixableError(
            f"I cannot read “{words[:60]}” as a date. Try friday, march 3, end of month, "
            "in 3 working days or 2027-03-03."
        )
    if found < today_in(zone, now):
        raise UserFixableError(f"{found:%Y-%m-%d} has passed. Name today or a later day.")
    if is_too_far(found, today_in(zone, now)):
        raise UserFixableError(f"{found:%Y-%m-%d} is too far away. Name a day within ten years.")
    return found


def new_form(
    project: Project,
    *,
    channel: ChannelId,
    fields: views.Fields,
    permalink: str | None = None,
    problem: str = "",
    warning: str = "",
) -> View:
    """The form of a project; `warning` is about who reads its channel, and is not given twice."""
    problem = " ".join(filter(None, (problem, warning)))
    warned = form.WARNED if warning else None
    metadata = form.pack(c=channel, p=project.key, l=permalink, w=warned)
    return views.new_form(fields, metadata=metadata, project=project, problem=problem)


async def open_new(
    tools: Tools,
    interaction: Interaction,
    project: Project,
    *,
    fields: views.Fields,
    permalink: str | None = None,
    problem: str = "",
) -> None:
    """Open the form of a project; it says so where another company will read what is logged."""
    warning = await shared_warning(tools, interaction.workspace, project.channel)
    page = new_form(
        project,
        channel=project.channel,
        fields=fields,
        permalink=permalink,
        problem=problem,
        warning=warning,
    )
    await show.view(tools, interaction, page)


def fields_of(line: QuickForm, *, owner: UserId) -> views.Fields:
    """What a line that could not be logged as it is fills into the form."""
    return views.Fields(
        statement=decode(line.statement),
        asked=line.ask,
        impact=line.impact or Impact.MEDIUM,
        confidence_percent=line.confidence_percent,
        owner=owner,
        backup=line.backup,
        quorum=line.quorum or Quorum.ANY,
        services=tuple(decode(service) for service in line.services),
        tags=tuple(decode(tag) for tag in line.tags),
    )


async def submit_new(tools: Tools, submission: Submission) -> Reply:
    """Log what the form says; what is nearly the same and open already is shown first.

    Where another company reads the project's channel, and the form did not say so, it does now.
    """
    facts = form.unpack(submission.metadata)
    read = await _read(tools, submission, submission.values, facts)
    if isinstance(read, dict):
        return {"response_action": "errors", "errors": read}
    draft, project, asked = read
    if facts.get("w") != form.WARNED:
        warning = await shared_warning(tools, submission.workspace, project.channel)
        if warning:
            page = new_form(
                project,
                channel=project.channel,
                fields=views.Fields.of(draft),
                permalink=facts.get("l"),
                warning=warning,
            )
            return {"response_action": "update", "view": page}
    similar = await tools.db.read(
        near_duplicates,
        submission.workspace,
        project.key,
        draft.statement,
        reader=await reader_of(tools, submission),
    )
    if not similar:
        delivery = submission.delivery
        await _log(tools, submission, draft, project=project, asked=asked, delivery=delivery)
        return CLOSE_ALL
    # Not `write_once`: after a look at what is similar the same form may be sent again, changed.
    kept = await tools.write(
        keep_draft,
        submission.workspace,
        by=submission.user,
        text=json.dumps({"values": submission.values, "facts": {**facts, "p": project.key}}),
        channel=draft.channel,
        now=tools.clock.now(),
    )
    view = views.duplicates(similar, metadata=form.pack(d=kept), now=tools.clock.now())
    return {"response_action": "push", "view": view}


async def _read(
    tools: Tools, interaction: Interaction, values: Values, facts: dict[str, str]
) -> tuple[AssumptionDraft, Project, list[Member]] | Mistakes:
    """Read the form and look up its project and its people."""
    workspace, by = interaction.workspace, interaction.user
    chosen = facts.get("p") or form.choice_of(values, ids.PROJECT)
    if chosen is None:
        return {ids.PROJECT: "Choose a project."}
    project = await tools.db.read(
        get_project, workspace, ProjectKey(chosen), reader=await reader_of(tools, interaction)
    )
    zone = await zone_of(tools, workspace, by)
    draft = form.read_assumption(
        values,
        by=by,
        channel=project.channel,
        permalink=facts.get("l"),
        today=today_in(zone, tools.clock.now()),
    )
    if isinstance(draft, dict):
        return draft
    people = await people_of(tools, workspace, draft, named_by=by)
    return people if isinstance(people, dict) else (draft, project, people)


async def people_of(
    tools: Tools, workspace: WorkspaceId, draft: AssumptionDraft, *, named_by: UserId
) -> list[Member] | Mistakes:
    """Look up everybody the form names; whom nobody can ask is a mistake beside their field."""
    named = {
        ids.ASKED: [p.user for p in draft.stakeholders if not p.is_backup],
        ids.BACKUP: [p.user for p in draft.stakeholders if p.is_backup],
        ids.OWNER: [draft.owner] if draft.owner != named_by else [],
    }
    found: dict[str, list[Member]] = {}
    for block, users in named.items():
        try:
            found[block] = await askable(tools, workspace, users)
        except CannotBeAskedError as error:
            return {block: str(error)}
    return found[ids.ASKED] + found[ids.BACKUP]


async def submit_anyway(tools: Tools, submission: Submission) -> Reply:
    """Log what was kept while the person looked at what is similar."""
    kept = await _kept(tools, submission, submission.metadata)
    read = await _read(tools, submission, kept.values, kept.facts)
    if isinstance(read, dict):
        raise UserFixableError(" ".join(read.values()))
    draft, project, asked = read
    await tools.write_once(
        submission,
        log_kept,
        kept.id,
        draft,
        project=project,
        by=submission.user,
        asked=asked,
        reader=await reader_of(tools, submission),
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    return CLOSE_ALL


@dataclass(frozen=True, slots=True)
class _Kept:
    """A form that waits for a decision; it stays until what is decided is stored."""

    id: str
    values: Values
    facts: dict[str, str]


async def _kept(tools: Tools, interaction: Interaction, metadata: str) -> _Kept:
    draft_id = form.unpack(metadata).get("d", "")
    workspace, by = interaction.workspace, interaction.user
    try:
        text = await tools.db.read(read_draft, workspace, draft_id, by=by)
    except DraftGoneError:
        # A second copy of the delivery that took it ends here, unseen; anybody else is told.
        text = await tools.write_once(interaction, take_draft, workspace, draft_id, by=by)
    content = json.loads(text)
    return _Kept(draft_id, content["values"], content["facts"])


async def press_join(tools: Tools, click: Click) -> Reply:
    """Rely on one that is there already; the people named in the form are asked there."""
    key = key_of(click.value)
    view = click.view or {}
    kept = await _kept(tools, click, view.get("private_metadata") or "")
    asked = await askable(tools, click.workspace, form.users_of(kept.values, ids.ASKED))
    joined = await tools.write_once(
        click,
        join_instead,
        click.workspace,
        kept.id,
        key,
        by=click.user,
        asked=asked,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    page = views.joined(joined, [member.user for member in asked])
    tools.after_ack(click, tools.api.update_view(click.workspace, view["id"], page))
    return None


ROUTES = Routes(
    clicks={ids.JOIN: press_join},
    submissions={ids.NEW_ASSUMPTION: submit_new, ids.LOG_ANYWAY: submit_anyway},
)
