"""PgBouncer in transaction mode before a PostgreSQL that listens on a socket."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url

from tests.chaos.herd import free_port
from tests.chaos.poll import until

LOGIN_RETRY_SECONDS = 1  # as the README advises; 15 by itself, while the database is there again


def program() -> str | None:
    """Where PgBouncer is; None where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.defpath}:/usr/sbin:/usr/local/bin")


@asynccontextmanager
async def bouncer(url: str, *, pool_size: int) -> AsyncIterator[str]:
    """Run one before the database; give the URL by which the bot uses it."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        arguments = _configure(Path(folder), url, port=port, pool_size=pool_size)
        running = await asyncio.create_subprocess_exec(
            program() or "pgbouncer", *arguments, stderr=asyncio.subprocess.DEVNULL
        )

        async def listens() -> bool:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return False
            writer.close()
            return True

        try:
            await until(listens)
            name = make_url(url).database
            yield f"postgresql://postgres@127.0.0.1:{port}/{name}?pgbouncer=true"
        finally:
            running.terminate()
            await running.wait()


def _configure(folder: Path, url: str, *, port: int, pool_size: int) -> list[str]:
    """Write its settings; return its arguments."""
    sockets = Path(str(make_url(url).query["host"]))
    config = folder / "pgbouncer.ini"
    config.write_text(
        f"[databases]\n* = host={sockets} user=postgres\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {pool_size}\nunix_socket_dir =\n"
        f"server_login_retry = {LOGIN_RETRY_SECONDS}\n"
    )
    folder.chmod(0o755)  # PgBouncer gives up being root before it reads it
    as_user = ["-u", sockets.owner()] if os.geteuid() == 0 else []
    return [*as_user, str(config)]
