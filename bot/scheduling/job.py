"""The edge of work that nobody waits for: what goes wrong in it is logged here and nowhere else."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from structlog.contextvars import bound_contextvars

from bot.domain.errors import OperatorFixableError, RetryableError

R = TypeVar("R")
log = structlog.get_logger()


async def run_job(name: str, job: Callable[[], Awaitable[R]], *, otherwise: R) -> R:
    """Run `job`; return `otherwise` where it failed, so that the next tick comes all the same."""
    try:
        with bound_contextvars(job=name):
            return await job()
    except RetryableError as error:
        log.warning("job.postponed", job=name, cause=str(error))
    except OperatorFixableError as error:
        # No traceback: the sentence says more.
        log.error("job.blocked", job=name, cause=str(error), fix=error.fix, check=error.check)  # noqa: TRY400
    except Exception:  # a bug ends this run, not the process
        log.exception("job.failed", job=name)
    return otherwise
