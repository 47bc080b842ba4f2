"""`key`: what tokens and webhooks' secrets are sealed with in the database."""

import typer

from bot.cli.data import in_database

app = typer.Typer(help="Keys that seal what is secret in the database.", no_args_is_help=True)


@app.command()
def new() -> None:
    """Print a new key for STILLTRUE_ENCRYPTION_KEYS. Keep it apart from the database's backups."""
    from bot import main

    print(main.make_key())


@app.command()
def rotate() -> None:
    """Seal everything with the first key of STILLTRUE_ENCRYPTION_KEYS.

    Put a new key before the old one, with a comma between, and restart every process; then run
    this; then take the old key away. A backup from before needs the old key.
    """
    from bot import main
    from bot.domain.errors import FatalError
    from bot.usecases.installation import seal_anew, unreadable_tokens

    settings = main.read_settings()
    if settings.encryption_keys is None:
        raise FatalError(
            "STILLTRUE_ENCRYPTION_KEYS is not set. `stilltrue key new` prints a key for it."
        )
    tokens, webhooks = in_database(settings, seal_anew)
    print(f"Sealed with the first key: {tokens} tokens, the secrets of {webhooks} webhooks.")
    print("All else was so already. The other keys are needed for older backups only.")
    for one in in_database(settings, unreadable_tokens):
        print(f"Left as it is, since no key opens it: the token of {one.workspace}. {one.fix}")
