"""`stilltrue demo --webhook`: an address for a tool, and the command that tells it something."""

from datetime import UTC, datetime

from bot.demo.people import ANA, APOLLO, TEAM
from bot.demo.stage import HOST, Stage
from bot.domain.assumption import AssumptionDraft, Impact
from bot.domain.ids import ChannelId, ProjectKey, UserId, WorkspaceId
from bot.domain.permission import OPERATOR
from bot.domain.webhook import WebhookSource
from bot.usecases.assumption import log_assumption
from bot.usecases.project import create_project, projects_of
from bot.usecases.webhook import add_endpoint, rotate_secret
from bot.web.webhooks.endpoint import TOOLS

_SAMPLE_TIME = "2026-03-02T14:05:00Z"
_SAMPLE_SECRET = "whsec_c2FtcGxlIHNlY3JldCBvZiB0aGUgZGVtbw=="  # noqa: S105 - opens nothing
_HMAC = "$(openssl dgst -sha256 -hmac '{secret}' < webhook.json | sed 's/.* //')"
_HEADERS = {  # of those whose sample has times that a shell can write
    WebhookSource.PAGERDUTY: (f"X-PagerDuty-Signature: v1={_HMAC}",),
    WebhookSource.ALERTMANAGER: ("Authorization: Bearer {secret}",),
    WebhookSource.GITHUB: ("X-GitHub-Event: issues", f"X-Hub-Signature-256: sha256={_HMAC}"),
    WebhookSource.GENERIC: (f"X-Signature-256: sha256={_HMAC}",),
}


# What the samples in the documentation of PagerDuty and GitHub are about, and our own.
_RELIED_ON = (
    ("The API Service takes a bump in traffic without anybody's help", ("API Service",)),
    ("No release goes out with a spelling error in its README", ()),
    ("The payments API stays up while we move the checkout to it", ("checkout",)),
)


async def rely_on_something(stage: Stage) -> None:
    """Log what a tool's setback may turn out to have been about, for #apollo to see."""
    workspace, now = WorkspaceId(TEAM), stage.bot.clock.now()
    known = await stage.read(projects_of, workspace, reader=OPERATOR)
    project = next((one for one in known if one.channel == APOLLO), None)
    if project is None:
        project = await stage.write(
            create_project,
            workspace=workspace,
            key=ProjectKey("APOLLO"),
            name="Apollo",
            channel=ChannelId(APOLLO),
            lead=UserId(ANA),
            now=now,
        )
    for statement, services in _RELIED_ON:
        draft = AssumptionDraft(
            statement=statement,
            owner=UserId(ANA),
            impact=Impact.HIGH,
            services=services,
            channel=project.channel,
            tags=("sample data",),
        )
        await stage.write(
            log_assumption,
            draft,
            project=project,
            by=UserId(ANA),
            asked=(),
            now=now,
            cadence=stage.bot.settings.tuning.cadence,
        )


async def offer(stage: Stage, source: WebhookSource) -> str:
    """Make an endpoint that shows its setbacks in #apollo, and say how to use it."""
    workspace, now = WorkspaceId(TEAM), datetime.now(UTC)
    opened = await stage.write(
        add_endpoint, workspace, source, channel=ChannelId(APOLLO), project=None, now=now
    )
    if opened.secret is None:
        id_ = opened.endpoint.id
        await stage.write(rotate_secret, workspace, id_, secret=_SAMPLE_SECRET, now=now)
    secret = opened.secret or _SAMPLE_SECRET
    url = f"http://{HOST}:{stage.bot.port}{opened.endpoint.path}"
    told = [f"{source} tells #apollo at", f"  {url}", f"  secret: {secret}"]
    if source in _HEADERS:
        told += ["For example, from another terminal:", *_example(source, url, secret)]
    return "\n".join(told)


def _example(source: WebhookSource, url: str, secret: str) -> list[str]:
    """Return a command that sends what began this very second; again, it changes nothing."""
    body = TOOLS[source].sample.decode().replace(_SAMPLE_TIME, "$(date -u +%FT%TZ)")
    headers = (header.replace("{secret}", secret) for header in _HEADERS[source])
    return [
        "cat > webhook.json <<END",
        body,
        "END",
        f"curl -sS '{url}' --data-binary @webhook.json \\",
        *(f'  -H "{header}" \\' for header in headers),
        "  -H 'Content-Type: application/json'",
    ]
