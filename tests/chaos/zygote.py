"""Starts processes of the bot in a few milliseconds: everything is imported once, then forked.

Each line on its input is an order in JSON, each line of its output the new process's id.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from tests.chaos import bot_with_failpoints


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the children here
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _become(order: dict[str, Any]) -> None:
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, _leave)  # until the bot has a handler of its own
        log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ.update(order["env"])  # noqa: TID251 - the environment of a process of its own
        bot_with_failpoints.run(order["role"], order["env"])
        code = 0
    except SystemExit as leaving:
        code = int(leaving.code or 0)
    except BaseException as error:  # noqa: BLE001 - the end of a process of its own
        sys.stderr.write(f"{error!r}\n")
        sys.stderr.flush()
    finally:
        Path(order["mark"]).write_text(f"left {code}", encoding="utf-8")
        os._exit(code)


def _leave(*_: Any) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
