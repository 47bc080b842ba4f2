"""`stilltrue demo`: a Slack that runs here with the bot in it, until somebody stops it."""

import asyncio
import signal
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from socket import create_server

from bot.demo.stage import HOST, stage
from bot.demo.webhook import offer, rely_on_something
from bot.domain.errors import FatalError
from bot.domain.webhook import WebhookSource
from bot.logs import configure_logging
from bot.main import run_in_loop

# Weeks are moved over in a moment, and what is said in them need not come one a second.
_SPEED = 100.0

_TRY = """\
Slack runs here, with Still True? in it: {url}

Try this in the page:
  1. In #apollo type  /assume The payments API is live by March 3 | ask @bo impact:high
  2. Start the project that it offers.
  3. Press "Next working morning" (again, if Bo has no question yet), act as Bo, and answer
     "Not true".
  4. Act as Ana again:  /setback delay 3d waiting for the payments API
  5. Press "Caused it", then type  /stilltrue report

{data}
Ctrl-C stops it."""
_TRY_YEAR = """\
Slack runs here, with Still True? in it: {url}

A made-up year lies behind three projects: #apollo, #payments and #search. All of it is sample data.

Try this in the page:
  1. In #apollo type  /stilltrue report all year  and press "Share here, with pictures".
  2. In #payments type  /stilltrue report last cycle
  3. In #search type  /assume list stale

{data}
Ctrl-C stops it."""


_TRY_INSTALL = """\
Slack runs here, with two workspaces, Sample Works and Acme: {url}

Try this in the page:
  1. Press "Add Still True?" under Apps, and allow it.
  2. In #apollo type  /assume We have one database | ask @bo impact:high
  3. Change to Acme at the top left, and add it there too: neither sees what the other logs.
  4. Remove it in one of them: nothing is sent there. Add it again, and all is back.

{data}
Ctrl-C stops it."""


def run_demo(
    *,
    port: int = 0,
    db: Path | None = None,
    socket: bool,
    open_browser: bool,
    webhooks: Sequence[WebhookSource] = (),
    has_past: bool = False,
    is_installed: bool = True,
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        port: Where the page is served; 0 takes any that is free.
        db: A SQLite file that is kept; None uses one that is thrown away.
        socket: Whether the bot is reached by Socket Mode, else by HTTP.
        open_browser: Whether to show the page in a browser, if there is one.
        webhooks: Tools for which an address is made.
        has_past: Whether a year of sample data lies behind it; `db` is a new file then.
        is_installed: False: in neither of two workspaces, so that people add it themselves.
    """
    url = f"sqlite:///{db.absolute()}" if db else None
    data = f"What you log stays in {db}." if db else "What you log is gone when it stops."
    if port and _is_taken(port):
        raise FatalError(f"Port {port} is taken. Choose another one: stilltrue demo --port 0")
    configure_logging(console=True, level="error")
    if has_past:
        sys.stdout.write("Living through a year of sample data: some seconds.\n")
        sys.stdout.flush()
    running = _run(
        port=port,
        url=url,
        told=_told(has_past=has_past, is_installed=is_installed).replace("{data}", data),
        socket=socket,
        open_browser=open_browser,
        webhooks=webhooks,
        has_past=has_past,
        is_installed=is_installed,
    )
    run_in_loop(running)


def _told(*, has_past: bool, is_installed: bool) -> str:
    if not is_installed:
        return _TRY_INSTALL
    return _TRY_YEAR if has_past else _TRY


async def _run(
    *,
    port: int,
    url: str | None,
    told: str,
    socket: bool,
    open_browser: bool,
    webhooks: Sequence[WebhookSource],
    has_past: bool,
    is_installed: bool,
) -> None:
    stopped = _stop_signal()
    async with stage(
        port=port,
        database_url=url,
        socket=socket,
        has_past=has_past,
        is_installed=is_installed,
        speed=_SPEED,
    ) as built:
        sys.stdout.write(told.replace("{url}", built.workspace.url) + "\n")
        if webhooks:
            await rely_on_something(built)
        for source in webhooks:
            sys.stdout.write(f"\n{await offer(built, source)}\n")
        sys.stdout.flush()
        if open_browser:
            await asyncio.to_thread(_show, built.workspace.url)
        await stopped.wait()
        sys.stdout.write("\nStopped.\n")


def _is_taken(port: int) -> bool:
    try:
        create_server((HOST, port)).close()
    except OSError:
        return True
    return False


def _stop_signal() -> asyncio.Event:
    """Return what is set at Ctrl-C or SIGTERM; a second Ctrl-C ends the process as usual."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop(number: signal.Signals) -> None:
        stopped.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    return stopped


def _show(url: str) -> None:
    """Open the page where there is a screen; a text browser would take the terminal over."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
