"""The page of a project's webhooks, and what is laid over it."""

from collections.abc import Sequence

from bot.domain.project import Project
from bot.domain.webhook import WebhookEndpoint, WebhookSource
from bot.slack import ids
from bot.slack.views.parts import (
    Block,
    View,
    actions,
    button,
    context,
    divider,
    modal,
    moment,
    overflow,
    preformatted,
    section,
    sentence,
    text_input,
)
from bot.usecases.webhook import OpenedEndpoint
from bot.usecases.webhook_setup import setup_steps

NO_ADDRESS = "https://your.host"
_BRING = "“Give it the tool’s secret”, in this webhook’s menu"
_SHOWN = 15
_ACCEPTED = 202  # what a webhook answers
NAMES = {
    WebhookSource.PAGERDUTY: "PagerDuty",
    WebhookSource.ALERTMANAGER: "Alertmanager",
    WebhookSource.GITHUB: "GitHub",
    WebhookSource.JIRA: "Jira",
    WebhookSource.INCIDENTIO: "incident.io",
    WebhookSource.OPSGENIE: "Opsgenie",
    WebhookSource.GENERIC: "Any other",
}


def webhooks(
    project: Project, endpoints: Sequence[WebhookEndpoint], *, metadata: str, done: str = ""
) -> View:
    """What tells the project of setbacks, and a button for each tool that could.

    Args:
        project: Whose.
        endpoints: As stored.
        metadata: Which project it is.
        done: One sentence on top: what has just happened.
    """
    blocks: list[Block] = [sentence(done)] if done else []
    blocks.append(section(f"*What tells {project.key} when something goes wrong*"))
    for endpoint in endpoints[:_SHOWN]:
        blocks += _row(endpoint)
    if not endpoints:
        blocks.append(context("Nothing yet: people record setbacks by hand."))
    if len(endpoints) > _SHOWN:
        rest = len(endpoints) - _SHOWN
        blocks.append(context(f"and {rest} more: whoever runs me sees them by a command"))
    buttons = [
        button(name, f"{ids.WEBHOOK_ADD}.{source.value}", source.value)
        for source, name in NAMES.items()
    ]
    blocks += [divider(), section("*Connect a tool*"), actions(*buttons)]
    return modal("Incident tools", blocks, metadata=metadata)


def _row(endpoint: WebhookEndpoint) -> list[Block]:
    heard = f"heard last {moment(endpoint.heard_at)}" if endpoint.heard_at else "not heard yet"
    secret = "" if endpoint.secrets else "⚠️ it has no secret yet, so nothing is accepted"
    rotate = "Give it the tool’s secret" if endpoint.source.makes_secret else "Make a new secret"
    options = [
        (ids.WEBHOOK_STEPS, "What to do in the tool"),
        (ids.WEBHOOK_TRY, "Try it"),
        (ids.WEBHOOK_ROTATE, rotate),
        (ids.WEBHOOK_TAKE_OUT, "Remove"),
    ]
    menu = overflow(ids.WEBHOOK_MORE, [(f"{word}|{endpoint.id}", label) for word, label in options])
    return [
        section(f"*{NAMES[endpoint.source]}*  {endpoint.id}", accessory=menu),
        context(heard, secret),
    ]


def steps(opened: OpenedEndpoint, *, base_url: str) -> View:
    """What to do in the tool; a secret that was made just now is shown this once."""
    told = setup_steps(
        opened.endpoint, base_url=base_url or NO_ADDRESS, secret=opened.secret, bring=_BRING
    )
    blocks: list[Block] = []
    for number, step in enumerate(told, start=1):
        blocks.append(preformatted(step) if "\n" in step else sentence(f"{number}. {step}"))
    if opened.secret is not None:
        blocks += [
            divider(),
            section("*The secret, to copy now.* It is not shown again."),
            preformatted(opened.secret),
        ]
    if not base_url:
        blocks.append(
            context(
                f"Put the bot’s own address in place of {NO_ADDRESS}: whoever runs it knows it, "
                "and sets STILLTRUE_PUBLIC_URL to have it shown here."
            )
        )
    return modal(NAMES[opened.endpoint.source], blocks)


def secret_form(endpoint: WebhookEndpoint, *, metadata: str) -> View:
    """A secret that the tool made is brought here."""
    return modal(
        NAMES[endpoint.source],
        [
            text_input(
                ids.SIGNED_BY,
                "The signing secret that the tool shows",
                hint="One that was there before is accepted for 24 more hours.",
                max_length=500,
            )
        ],
        callback_id=ids.WEBHOOK_KEY,
        submit="Keep it",
        metadata=metadata,
    )


def remove_form(endpoint: WebhookEndpoint, *, metadata: str) -> View:
    told = "Nothing is accepted at its address any more. What it recorded stays."
    return modal(
        "Remove it?",
        [section(f"*{NAMES[endpoint.source]}*  {endpoint.id}"), sentence(told)],
        callback_id=ids.WEBHOOK_REMOVE,
        submit="Remove",
        metadata=metadata,
    )


def trying() -> View:
    return modal("Trying it", [sentence("I send it a signed sample, as the tool would…")])


def tried(endpoint: WebhookEndpoint, status: int, text: str, *, where: str) -> View:
    """What came of a trial: `status` is HTTP's, `text` what it said."""
    if status == _ACCEPTED:
        told = f"It works: {where} took the sample as genuine, and recorded nothing."
    else:
        told = f"{where} answered {status or 'nothing'}: {text}"
    blocks = [sentence(told)]
    if not any(secret.expires_at is None for secret in endpoint.secrets):
        blocks.append(sentence("It has no secret of its own yet: its menu takes one."))
    return modal("Tried", blocks)
