"""`outbox`: messages that Slack did not take, and what to do about them."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.data import in_workspace

if TYPE_CHECKING:
    from bot.domain.outbox import Message

app = typer.Typer(
    help="Messages that Slack did not take: list them, try again, or give them up.",
    no_args_is_help=True,
)

Workspace = Annotated[str | None, typer.Option(help="The workspace's id, where there are several.")]
Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="ID…", help="As `stilltrue outbox list` shows them."),
]


@app.command("list")
def list_(workspace: Workspace = None) -> None:
    """List what is parked, and what waits after a try that failed, with the reason."""
    from bot import main
    from bot.usecases.dead_letter import troubled

    found = in_workspace(main.read_settings(), workspace, troubled)
    for message in found:
        print(_line(message))
    if not found:
        print("Every message came through.")


@app.command()
def retry(
    ids: Ids = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything that `list` shows.")
    ] = False,
    workspace: Workspace = None,
) -> None:
    """Send again as soon as possible, once the reason is gone."""
    from bot import main
    from bot.usecases import dead_letter
    from bot.usecases.dead_letter import is_parked

    if bool(ids) == everything:
        raise typer.BadParameter("name messages, or say --all", param_hint="ID")
    chosen = None if everything else ids
    done = in_workspace(
        main.read_settings(), workspace, dead_letter.retry, chosen, now=datetime.now(UTC)
    )
    _tell(done, ids, "will be sent again")
    _tell_of_questions([one for one in done if is_parked(one)])


@app.command()
def drop(ids: Ids = None, workspace: Workspace = None) -> None:
    """Give messages up. What they would have asked is asked another morning."""
    from bot import main
    from bot.usecases import dead_letter

    if not ids:
        raise typer.BadParameter("name at least one message", param_hint="ID")
    done = in_workspace(
        main.read_settings(), workspace, dead_letter.drop, ids, now=datetime.now(UTC)
    )
    _tell(done, ids, "will not be sent")
    _tell_of_questions(done)


def _tell_of_questions(done: "list[Message]") -> None:
    """Say that no question is lost with its message."""
    from bot.domain.outbox import MessageKind

    if any(one.key.kind is MessageKind.ASK and one.ts is None for one in done):
        print(
            "What Slack has not asked is asked anew by itself: on that person's next working "
            "morning, or of another."
        )


def _line(message: "Message") -> str:
    from bot.usecases.dead_letter import id_of, is_parked

    key = message.key
    about = f" about {key.about}" if key.about else ""
    when = "parked" if is_parked(message) else f"next try {message.due_at:%Y-%m-%d %H:%M:%S} UTC"
    return (
        f"{id_of(message)}  {key.kind.value}{about} to {key.to}: {message.error} "
        f"({when}, tries: {message.attempts})"
    )


def _tell(done: "list[Message]", ids: list[str] | None, outcome: str) -> None:
    from bot.usecases.dead_letter import id_of

    print(f"{len(done)} {'message' if len(done) == 1 else 'messages'} {outcome}.")
    missing = sorted(set(ids or ()) - {id_of(message) for message in done})
    if missing:
        print(f"Not in trouble, or being sent just now: {', '.join(missing)}.")
        raise typer.Exit(1)
