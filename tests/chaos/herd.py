"""Processes of the bot: started quickly, killed, stopped, woken, waited for."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count, cycle, islice
from pathlib import Path
from subprocess import PIPE, Popen

import aiohttp

from bot.stopping import LAST_SECONDS
from tests.chaos.poll import PATIENCE, until
from tests.chaos.steps import Step

LEFT_WELL = "left 0"  # what a process's mark says that ended by itself, without an error


class UncleanEndError(Exception):
    """A process that was asked to stop had ended, or ended, in another way than by itself."""


@dataclass(slots=True)
class Child:
    pid: int
    port: int  # where it answers by HTTP
    pidfd: int | None  # None once it is known to be gone: a long run has thousands of them
    mark: Path  # a file: the step at which it died, or with which code it left

    @property
    def said_at_its_end(self) -> str:
        """The step at which it killed itself, or `left` and its code; empty: neither."""
        return self.mark.read_text(encoding="utf-8") if self.mark.exists() else ""

    def signal(self, number: signal.Signals) -> None:
        if self.pidfd is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.pidfd, number)

    async def ended(self, *, within: float) -> None:
        """Return once it is gone.

        Raises:
            TimeoutError: It lives on.
        """
        if self.pidfd is None:
            return
        loop, gone = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self.pidfd, gone.set)
        try:
            async with asyncio.timeout(within):
                await gone.wait()
        finally:
            loop.remove_reader(self.pidfd)
        self._forget()

    def _forget(self) -> None:
        if self.pidfd is not None:
            os.close(self.pidfd)
            self.pidfd = None

    async def stands_still(self) -> None:
        """Return once it was stopped by SIGSTOP, by itself or by somebody else."""

        async def is_still() -> bool:
            return _state(self.pid) == "T"

        await until(is_still)

    async def stop(self, *, within: float = PATIENCE) -> None:
        """End it as a platform does; it is waited for.

        Raises:
            TimeoutError: It lives on; it is killed.
            UncleanEndError: It was gone already, or ended with an error. That it was cut off by its
                own bound counts as clean: a machine that has much to do lets everything hang.
        """
        asked = time.monotonic()
        self.signal(signal.SIGTERM)
        try:
            await self.ended(within=within)
        except TimeoutError:
            self.signal(signal.SIGKILL)
            self._forget()
            raise
        is_cut_off = time.monotonic() - asked >= LAST_SECONDS
        if self.said_at_its_end != LEFT_WELL and not is_cut_off:
            raise UncleanEndError(f"process {self.pid}: {self.said_at_its_end or 'no word'}")

    async def answers(self, path: str = "/healthz") -> None:
        """Return once it answers 200 there."""
        async with aiohttp.ClientSession() as session:

            async def is_well() -> bool:
                if not _is_there(self.pid):
                    raise TimeoutError("the process has ended")
                try:
                    async with session.get(f"http://127.0.0.1:{self.port}{path}") as answer:
                        return answer.status == 200
                except aiohttp.ClientError:
                    return False

            await until(is_well, every=0.02)


class Herd:
    """One parent of many processes; what is still alive ends with the block."""

    def __init__(self, zygote: "Popen[str]", folder: Path) -> None:
        self._zygote = zygote
        self._folder = folder
        self._one_order = threading.Lock()
        self._alive: list[Child] = []
        self._numbers = count()

    async def spawn(
        self, role: str, env: dict[str, str], *, step: Step = Step.NEVER, nth: int = 1
    ) -> Child:
        port, mark = free_port(), self._folder / f"end-{next(self._numbers)}"
        order = {
            "role": role,
            "log": str(self.log),
            "mark": str(mark),
            "env": {
                "STILLTRUE_HOST": "127.0.0.1",
                "STILLTRUE_LOG_FORMAT": "json",
                "STILLTRUE_LOG_LEVEL": "error",
                "STILLTRUE_TICK_SECONDS": "1",
                "STILLTRUE_HEALTH_PORT": str(port),
                "PORT": str(port),
                "CHAOS_STEP": step.value,
                "CHAOS_NTH": str(nth),
                "CHAOS_MARK": str(mark),
                **env,
            },
        }
        pid = await asyncio.to_thread(self._order, json.dumps(order))
        try:
            pidfd = os.pidfd_open(pid)
        except ProcessLookupError:  # it is gone already
            pidfd = None
        child = Child(pid, port, pidfd, mark)
        self._alive.append(child)
        return child

    def _order(self, order: str) -> int:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        with self._one_order:
            self._zygote.stdin.write(f"{order}\n")
            self._zygote.stdin.flush()
            return int(self._zygote.stdout.readline())

    def end_all(self) -> None:
        """Kill what is still alive, stopped or not."""
        while self._alive:
            child = self._alive.pop()
            with contextlib.suppress(OSError):
                child.signal(signal.SIGCONT)
                child.signal(signal.SIGKILL)

    @property
    def log(self) -> Path:
        return self._folder / "processes.log"

    @property
    def said(self) -> str:
        """What all of them wrote to their logs."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextlib.contextmanager
def herd(folder: Path) -> Iterator[Herd]:
    arguments = [sys.executable, "-m", "tests.chaos.zygote"]
    with Popen(  # noqa: S603 - this interpreter, a module of ours
        arguments, stdin=PIPE, stdout=PIPE, text=True, env=_plain_environment()
    ) as zygote:
        one = Herd(zygote, folder)
        try:
            yield one
        finally:
            one.end_all()


def _is_there(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _state(pid: int) -> str:
    stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    return stat.rpartition(")")[2].split()[0]


def _plain_environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()  # noqa: TID251 - what a child process inherits
        if not name.startswith(("SLACK_", "STILLTRUE_", "DATABASE_URL", "PORT"))
    }


# Below those that the system gives to outgoing connections: one of these, opened before the
# process that was told its port, would else have it. Each in turn, so that none is given twice.
_PORTS = range(10_000, 32_000)
_ports = islice(cycle(_PORTS), secrets.randbelow(len(_PORTS)), None)


def free_port() -> int:
    for port in _ports:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port
    raise AssertionError("it goes round and round")
