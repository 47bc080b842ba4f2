"""`python -m bot.sandbox`: the sandbox alone, for any bot to be pointed at."""

import argparse
import asyncio
import json
from pathlib import Path

from bot.sandbox import Sandbox, Seed, serve
from bot.sandbox.seed import sample_seed, seed_from


async def run(seed: Seed, port: int) -> None:
    async with serve(Sandbox(seed), port=port) as url:
        print(url, flush=True)  # noqa: T201 the one line a script waits for
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8800, help="0 takes any that is free")
    parser.add_argument("--seed", type=Path, help="a JSON file; without it a small sample")
    given = parser.parse_args()
    try:
        seed = seed_from(json.loads(given.seed.read_text())) if given.seed else sample_seed()
    except (OSError, ValueError, TypeError) as error:
        parser.error(f"The seed cannot be read: {error}")
    try:
        asyncio.run(run(seed, given.port))
    except KeyboardInterrupt:
        return
    except OSError as error:
        parser.error(f"Port {given.port} cannot be used: {error.strerror}")


if __name__ == "__main__":
    main()
