"""`/stilltrue webhooks`: the incident tools that tell a project what went wrong."""

import asyncio
from datetime import UTC, datetime

from bot.domain.errors import UserFixableError
from bot.domain.ids import ChannelId, ProjectKey
from bot.domain.project import Project
from bot.domain.webhook import WebhookSource
from bot.slack import form, ids, show
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click, Command, Interaction, Submission
from bot.slack.people import zone_of
from bot.slack.reader import reader_of
from bot.slack.tools import Reply, Tools
from bot.slack.views import webhook as views
from bot.slack.views.parts import View
from bot.usecases.project import get_project
from bot.usecases.webhook import OpenedEndpoint, take_back_secret
from bot.usecases.webhook_admin import (
    TRY_FOR,
    add_webhook,
    lend_webhook,
    remove_webhook,
    rotate_webhook,
    see_webhook,
    webhooks_of,
)


async def webhooks_here(tools: Tools, command: Command) -> Reply:
    here = await tools.projects.of_channel(command.workspace, command.channel or ChannelId(""))
    if here is None:
        raise UserFixableError(
            "This channel has no project. Type this in the channel of the project that you mean."
        )
    tools.after_ack(command, _open(tools, command, here))
    return None


async def _open(tools: Tools, command: Command, project: Project) -> None:
    await zone_of(tools, command.workspace, command.user)  # the directory learns who is an admin
    await show.view(tools, command, await _page(tools, command, project.key))


async def _page(tools: Tools, interaction: Interaction, key: ProjectKey, *, done: str = "") -> View:
    found = await tools.db.read(webhooks_of, interaction.workspace, key, by=interaction.user)
    reader = await reader_of(tools, interaction)
    project = await tools.db.read(get_project, interaction.workspace, key, reader=reader)
    return views.webhooks(project, found, metadata=form.pack(p=key), done=done)


async def press_add(tools: Tools, click: Click) -> Reply:
    """Make an address; its secret is in the page that opens, and nowhere else."""
    opened = await tools.write_once(
        click,
        add_webhook,
        click.workspace,
        _project_of(click),
        WebhookSource(click.value),
        by=click.user,
        now=tools.clock.now(),
    )
    tools.after_ack(click, _show_steps(tools, click, opened))
    return None


async def _show_steps(tools: Tools, click: Click, opened: OpenedEndpoint) -> None:
    await show.view(tools, click, views.steps(opened, base_url=tools.webhook_trial.address))
    await _redraw(tools, click, str((click.view or {}).get("id", "")), _project_of(click))


async def press_more(tools: Tools, click: Click) -> Reply:
    """An entry of a webhook's menu: what to do, then with which."""
    word, _, id_ = click.value.partition("|")
    key = _project_of(click)
    endpoint = await tools.db.read(see_webhook, click.workspace, key, id_, by=click.user)
    metadata = form.pack(p=key, w=id_)
    match word:
        case ids.WEBHOOK_TRY:
            tools.after_ack(click, _try(tools, click, key, id_))
        case ids.WEBHOOK_TAKE_OUT:
            page = views.remove_form(endpoint, metadata=metadata)
            tools.after_ack(click, show.view(tools, click, page))
        case ids.WEBHOOK_ROTATE if endpoint.source.makes_secret:
            page = views.secret_form(endpoint, metadata=metadata)
            tools.after_ack(click, show.view(tools, click, page))
        case ids.WEBHOOK_ROTATE:
            opened = await _rotate(tools, click, key, id_, None)
            tools.after_ack(click, _show_steps(tools, click, opened))
        case _:
            known = OpenedEndpoint(endpoint=endpoint, secret=None)
            page = views.steps(known, base_url=tools.webhook_trial.address)
            tools.after_ack(click, show.view(tools, click, page))
    return None


async def _rotate(
    tools: Tools, interaction: Interaction, key: ProjectKey, id_: str, secret: str | None
) -> OpenedEndpoint:
    return await tools.write_once(
        interaction,
        rotate_webhook,
        interaction.workspace,
        key,
        id_,
        by=interaction.user,
        secret=secret,
        now=_real_now(),
    )


async def _try(tools: Tools, click: Click, key: ProjectKey, id_: str) -> None:
    """Send a signed sample by the way that the tool would take; nothing is recorded."""
    opened = await tools.api.push_view(click.workspace, click.trigger_id, views.trying())
    until = _real_now() + TRY_FOR
    lent = await tools.write(lend_webhook, click.workspace, key, id_, by=click.user, until=until)
    secret, where = lent.secret or "", tools.webhook_trial.reached_at
    try:
        status, text = await asyncio.to_thread(tools.webhook_trial.send, lent.endpoint, secret)
    finally:
        await tools.write(take_back_secret, click.workspace, id_, secret=secret)
    page = views.tried(lent.endpoint, status, text, where=where)
    await tools.api.update_view(click.workspace, str(opened["view"]["id"]), page)


def _real_now() -> datetime:
    """Secrets end by the real clock, as signatures do, wherever a demo has moved the product's."""
    return datetime.now(UTC)


async def submit_secret(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    key, id_ = ProjectKey(facts.get("p", "")), facts.get("w", "")
    await _rotate(tools, submission, key, id_, form.text_of(submission.values, ids.SIGNED_BY))
    _redraw_below(tools, submission, key, "Kept. Try it from the menu.")
    return None


async def submit_remove(tools: Tools, submission: Submission) -> Reply:
    facts = form.unpack(submission.metadata)
    key, id_ = ProjectKey(facts.get("p", "")), facts.get("w", "")
    await tools.write_once(
        submission, remove_webhook, submission.workspace, key, id_, by=submission.user
    )
    told = "Removed. Take it out of the tool too, or that goes on trying."
    _redraw_below(tools, submission, key, told)
    return None


def _redraw_below(tools: Tools, submission: Submission, key: ProjectKey, done: str) -> None:
    below = str(submission.view.get("previous_view_id") or "")
    tools.after_ack(submission, _redraw(tools, submission, below, key, done=done))


async def _redraw(
    tools: Tools, interaction: Interaction, view_id: str, key: ProjectKey, *, done: str = ""
) -> None:
    if view_id:
        page = await _page(tools, interaction, key, done=done)
        await tools.api.update_view(interaction.workspace, view_id, page)


def _project_of(click: Click) -> ProjectKey:
    view = click.view or {}
    return ProjectKey(form.unpack(str(view.get("private_metadata") or "")).get("p", ""))


ROUTES = Routes(
    clicks={
        ids.WEBHOOK_MORE: press_more,
        **{f"{ids.WEBHOOK_ADD}.{source.value}": press_add for source in WebhookSource},
    },
    submissions={ids.WEBHOOK_KEY: submit_secret, ids.WEBHOOK_REMOVE: submit_remove},
)
