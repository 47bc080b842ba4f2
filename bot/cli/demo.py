"""`demo`: the product on this machine, without a Slack workspace."""

from pathlib import Path
from typing import Annotated

import typer

from bot.domain.webhook import WebhookSource


def demo(  # noqa: PLR0917 - options, always by name
    story: Annotated[
        bool, typer.Option("--story", help="Play the whole story here, without a browser.")
    ] = False,
    year: Annotated[
        bool, typer.Option("--year", help="Begin with a made-up year of three projects.")
    ] = False,
    install: Annotated[
        bool, typer.Option("--install", help="Two workspaces, to which you add the bot yourself.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the page; 0 takes any free one.")
    ] = 8765,
    db: Annotated[
        Path | None, typer.Option(help="Keep the data in this SQLite file.", dir_okay=False)
    ] = None,
    socket: Annotated[
        bool, typer.Option("--socket", help="Let the bot use Socket Mode instead of HTTP.")
    ] = False,
    open_browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in a browser.")
    ] = True,
    webhook: Annotated[
        list[WebhookSource] | None,
        typer.Option(
            metavar="TOOL", help="Make an address for an incident tool, and show its use."
        ),
    ] = None,
) -> None:
    """A Slack that runs here, with sample people, and the bot installed in it."""
    if story:
        from bot.demo.story import run_story

        raise typer.Exit(run_story())
    if install and (year or webhook):
        raise typer.BadParameter(
            "nothing is installed yet, so neither --year nor --webhook fits", param_hint="--install"
        )
    from bot.demo.play import run_demo

    run_demo(
        port=port,
        db=db,
        socket=socket,
        open_browser=open_browser,
        webhooks=webhook or (),
        has_past=year,
        is_installed=not install,
    )
