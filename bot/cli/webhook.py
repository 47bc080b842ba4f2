"""`webhook`: addresses at which incident tools tell what went wrong."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.data import in_workspace
from bot.domain.webhook import WebhookSource

if TYPE_CHECKING:
    from bot.domain.webhook import WebhookEndpoint
    from bot.usecases.webhook import OpenedEndpoint

app = typer.Typer(
    help="Incident tools: addresses at which they tell what went wrong.", no_args_is_help=True
)

PLACEHOLDER = "https://your.host"
_TRY_SECONDS = 60

Workspace = Annotated[str | None, typer.Option(help="The workspace's id, where there are several.")]
Url = Annotated[str, typer.Option(help="The bot's public address.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="As `stilltrue webhook list` shows it.")]


@app.command()
def add(
    source: Annotated[WebhookSource, typer.Argument(help="The tool.")],
    channel: Annotated[str, typer.Option(help="Id of the channel that shows its setbacks, C….")],
    project: Annotated[
        str | None,
        typer.Option(metavar="KEY", help="Their project; else the one at home in the channel."),
    ] = None,
    url: Url = PLACEHOLDER,
    workspace: Workspace = None,
) -> None:
    """Make an address with a secret of its own, and show what to do in the tool."""
    from bot import main
    from bot.domain.ids import ChannelId, ProjectKey
    from bot.usecases.webhook import add_endpoint

    opened = in_workspace(
        main.read_settings(),
        workspace,
        add_endpoint,
        source,
        channel=ChannelId(_channel(channel)),
        project=ProjectKey(project.upper()) if project else None,
        now=datetime.now(UTC),
    )
    _show(opened, url)
    if opened.secret:
        print(
            "\nThe secret is shown this once. Lost it? stilltrue webhook rotate", opened.endpoint.id
        )


@app.command("list")
def list_(workspace: Workspace = None) -> None:
    """List the addresses, without what is secret about them."""
    from bot import main
    from bot.usecases.webhook import list_endpoints

    found = in_workspace(main.read_settings(), workspace, list_endpoints)
    for endpoint in found:
        print("  ".join(_line(endpoint)))
    if not found:
        print("There are none yet. Make one: stilltrue webhook add pagerduty --channel C…")


@app.command()
def show(id_: Id, url: Url = PLACEHOLDER, workspace: Workspace = None) -> None:
    """Show the address again, and what to do in the tool."""
    from bot import main
    from bot.usecases.webhook import OpenedEndpoint, get_endpoint

    endpoint = in_workspace(main.read_settings(), workspace, get_endpoint, id_)
    _show(OpenedEndpoint(endpoint=endpoint, secret=None), url)


@app.command()
def remove(id_: Id, workspace: Workspace = None) -> None:
    """Accept nothing at that address any more. What it recorded stays."""
    from bot import main
    from bot.usecases.webhook import remove_endpoint

    in_workspace(main.read_settings(), workspace, remove_endpoint, id_)
    print(f"Removed {id_}. Take it out of the tool too, or that goes on trying.")


@app.command()
def rotate(
    id_: Id,
    secret: Annotated[
        str | None,
        typer.Option(help="The one that the tool made, or - to type it unseen; else I make one."),
    ] = None,
    hours: Annotated[
        int, typer.Option(min=0, max=720, help="How long the old one is accepted too.")
    ] = 24,
    url: Url = PLACEHOLDER,
    workspace: Workspace = None,
) -> None:
    """Change the secret, or bring the first one from a tool that makes its own."""
    from bot import main
    from bot.usecases.webhook import rotate_secret

    if secret == "-":  # noqa: S105 - a dash stands for the terminal
        secret = typer.prompt("Secret", hide_input=True)
    opened = in_workspace(
        main.read_settings(),
        workspace,
        rotate_secret,
        id_,
        secret=secret,
        overlap=timedelta(hours=hours),
        now=datetime.now(UTC),
    )
    if opened.secret is None:
        print(f"Kept. Try it: stilltrue webhook test {id_}")
        return
    _show(opened, url)
    print(f"\nThe old secret is accepted for {hours} more hours. This one is shown this once.")


@app.command("test")
def try_(
    id_: Id,
    url: Annotated[
        str | None, typer.Option(help="Where the bot listens; else this machine, at PORT.")
    ] = None,
    workspace: Workspace = None,
) -> None:
    """Send a signed sample to the running bot. Nothing is recorded."""
    from bot import main
    from bot.usecases.webhook import lend_secret, take_back_secret
    from bot.web.webhooks.trial import post_sample

    settings = main.read_settings()
    until = datetime.now(UTC) + timedelta(seconds=_TRY_SECONDS)
    lent = in_workspace(settings, workspace, lend_secret, id_, until=until)
    assert lent.secret is not None  # noqa: S101 - a lent one always is
    where = (url or f"http://127.0.0.1:{settings.port}").rstrip("/")
    if not where.startswith(("http://", "https://")):
        raise typer.BadParameter("write it like https://your.host", param_hint="--url")
    try:
        status, text = post_sample(where, lent.endpoint, lent.secret)
    finally:
        in_workspace(settings, workspace, take_back_secret, id_, secret=lent.secret)
    if status != 202:  # noqa: PLR2004 - what a webhook answers
        print(f"{where} answered {status}: {text}")
        raise typer.Exit(1)
    has_own = any(secret.expires_at is None for secret in lent.endpoint.secrets)
    print(f"It works: {where} took the sample as genuine, and recorded nothing.")
    if not has_own:
        print(f"It has no secret of its own yet: stilltrue webhook rotate {id_} --secret -")


def _channel(text: str) -> str:
    if not (text[:1] in {"C", "G"} and text.isascii() and text.isalnum() and text.isupper()):
        raise typer.BadParameter(
            "write the channel's id, C…: in Slack open the channel's details, it stands at the end",
            param_hint="--channel",
        )
    return text


def _line(endpoint: "WebhookEndpoint") -> list[str]:
    heard = endpoint.heard_at
    accepted = len(endpoint.accepted(datetime.now(UTC)))
    return [
        endpoint.id,
        f"{endpoint.source:<12}",
        endpoint.channel,
        f"{endpoint.project or '-':<10}",
        f"heard {heard:%Y-%m-%d %H:%M} UTC" if heard else "not heard yet",
        "" if accepted else "no secret yet",
    ]


def _show(opened: "OpenedEndpoint", url: str) -> None:
    from bot.usecases.webhook_setup import setup_steps

    print(f"Webhook {opened.endpoint.id} for {opened.endpoint.source}:")
    bring = f"stilltrue webhook rotate {opened.endpoint.id} --secret -"
    steps = setup_steps(opened.endpoint, base_url=url, secret=opened.secret, bring=bring)
    for number, step in enumerate(steps, start=1):
        print(f"  {number}. " + step.replace("\n", "\n       "))
    if url == PLACEHOLDER:
        print("  (--url puts the bot's own address in place of https://your.host.)")
