"""Changing assumptions: editing, retiring, and logging what takes the place of a refuted one."""

from dataclasses import replace

from bot.domain.assumption import AssumptionDraft
from bot.domain.errors import UserFixableError
from bot.domain.ids import AssumptionKey
from bot.slack import assumption_list, form, ids, show
from bot.slack.assumption import open_new, people_of
from bot.slack.channel import with_warning
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Interaction, Submission
from bot.slack.people import today_in, zone_of
from bot.slack.reader import reader_of
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import assumption as views
from bot.usecases.actual import edit_with_figure
from bot.usecases.assumption import get_assumption, retire_assumption
from bot.usecases.assumption_edit import AssumptionEdit
from bot.usecases.project import get_project


async def press_edit(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, open_edit(tools, click, key_of(click.value)))
    return None


async def open_edit(tools: Tools, interaction: Interaction, key: AssumptionKey) -> None:
    assumption = await tools.db.read(
        get_assumption, interaction.workspace, key, reader=await reader_of(tools, interaction)
    )
    if len(assumption.statement) > views.FORM_MAX:
        raise UserFixableError(
            f"The text of {key} is longer than the {views.FORM_MAX:,} characters that a form "
            "holds, so it cannot be edited here. Retire it and log a shorter one."
        )
    metadata = form.pack(k=str(key), **assumption_list.place_of(interaction))
    page = views.edit_form(assumption, metadata=metadata)
    page = await with_warning(tools, interaction.workspace, assumption.channel, page)
    await show.view(tools, interaction, page)


async def submit_edit(tools: Tools, submission: Submission) -> Reply:
    key = key_of(form.unpack(submission.metadata).get("k", ""))
    workspace, by = submission.workspace, submission.user
    before = await tools.db.read(
        get_assumption, workspace, key, reader=await reader_of(tools, submission)
    )
    draft = form.read_assumption(
        submission.values,
        by=before.owner,
        channel=before.channel,
        permalink=before.permalink,
        today=today_in(await zone_of(tools, workspace, by), tools.clock.now()),
        kept_day=before.validate_by,
    )
    if isinstance(draft, dict):
        return {"response_action": "errors", "errors": draft}
    people = await people_of(tools, workspace, draft, named_by=before.owner)
    if isinstance(people, dict):
        return {"response_action": "errors", "errors": people}
    await tools.write_once(
        submission,
        edit_with_figure,
        workspace,
        key,
        _edit(draft, means_the_same=bool(form.choices_of(submission.values, ids.SAME_MEANING))),
        expected=draft.expected,
        by=by,
        asked=people,
        now=tools.clock.now(),
        cadence=tools.cadence,
    )
    tools.after_ack(submission, assumption_list.redraw(tools, submission))
    return None


def _edit(draft: AssumptionDraft, *, means_the_same: bool) -> AssumptionEdit:
    return AssumptionEdit(
        statement=draft.statement,
        owner=draft.owner,
        impact=draft.impact,
        confidence_percent=draft.confidence_percent,
        validate_by=draft.validate_by,
        consequence=draft.consequence,
        quorum=draft.quorum,
        tags=draft.tags,
        services=draft.services,
        stakeholders=tuple(p.user for p in draft.stakeholders if not p.is_backup),
        backup=next((p.user for p in draft.stakeholders if p.is_backup), None),
        means_the_same=means_the_same,
    )


async def press_retire(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, open_retire(tools, click, key_of(click.value)))
    return None


async def open_retire(tools: Tools, interaction: Interaction, key: AssumptionKey) -> None:
    assumption = await tools.db.read(
        get_assumption, interaction.workspace, key, reader=await reader_of(tools, interaction)
    )
    metadata = form.pack(k=str(key), **assumption_list.place_of(interaction))
    page = views.retire_form(assumption, metadata=metadata)
    await show.view(tools, interaction, page)


async def submit_retire(tools: Tools, submission: Submission) -> Reply:
    key = key_of(form.unpack(submission.metadata).get("k", ""))
    reason = form.text_of(submission.values, ids.REASON)
    await retire(tools, submission, key, reason)
    tools.after_ack(submission, assumption_list.redraw(tools, submission))
    return None


async def retire(tools: Tools, interaction: Interaction, key: AssumptionKey, reason: str) -> None:
    await tools.write_once(
        interaction,
        retire_assumption,
        interaction.workspace,
        key,
        by=interaction.user,
        reason=reason,
        now=tools.clock.now(),
        reader=await reader_of(tools, interaction),
    )


async def press_replace(tools: Tools, click: Click) -> Reply:
    tools.after_ack(click, _open_replacement(tools, click, key_of(click.value)))
    return None


async def _open_replacement(tools: Tools, click: Click, key: AssumptionKey) -> None:
    """The form with the same people and impact; what is true instead is the person's to say."""
    before = await tools.db.read(
        get_assumption, click.workspace, key, reader=await reader_of(tools, click)
    )
    project = await tools.db.read(
        get_project, click.workspace, key.project, reader=await reader_of(tools, click)
    )
    fields = replace(
        views.Fields.of(before), statement="", validate_by=None, confidence_percent=None
    )
    await open_new(tools, click, project, fields=fields)


ROUTES = Routes(
    clicks={ids.EDIT: press_edit, ids.RETIRE: press_retire, ids.CHANGE_REPLACE: press_replace},
    submissions={ids.EDIT_ASSUMPTION: submit_edit, ids.RETIRE_ASSUMPTION: submit_retire},
)
