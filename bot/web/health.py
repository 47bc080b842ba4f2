"""`/healthz`: the process answers. `/readyz`: it can do its work, or which part it cannot."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that has to be so before this process is of use."""

    name: str
    is_well: bool
    detail: str = ""  # what is wrong, or a figure; never a secret


Readiness = Callable[[], Awaitable[list[Check]]]


async def healthz(_request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def readyz(readiness: Readiness) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        checks = await readiness()
        is_ready = all(check.is_well for check in checks)
        return JSONResponse(
            {
                "status": "ready" if is_ready else "not ready",
                "checks": {
                    check.name: check.detail or ("ok" if check.is_well else "not ok")
                    for check in checks
                },
            },
            status_code=200 if is_ready else 503,
        )

    return answer
