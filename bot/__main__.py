"""`stilltrue` and `python -m bot`: an error of ours ends in one line, not in a traceback."""

import sys

from bot.cli import app
from bot.domain.errors import BotError, FatalError, OperatorFixableError, RetryableError

FATAL = 2
TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits: what is outside may be there next time


def main() -> None:
    try:
        app()
    except BotError as error:
        sys.stderr.write(f"{_explain(error)}\n")
        sys.exit(_exit_code(error))


def _explain(error: BotError) -> str:
    text = "\n".join(f"stilltrue: {line}" for line in str(error).splitlines())
    if isinstance(error, OperatorFixableError):
        return f"{text}\nstilltrue: {error.fix} Check with: {error.check}"
    return text


def _exit_code(error: BotError) -> int:
    if isinstance(error, FatalError):
        return FATAL
    return TRY_AGAIN if isinstance(error, RetryableError) else 1


if __name__ == "__main__":
    main()
