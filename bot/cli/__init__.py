"""The commands, a module per noun. What they need is imported when they run: help comes at once."""

import typer

from bot.cli import (
    check,
    db,
    demo,
    doctor,
    export,
    import_,
    key,
    manifest,
    outbox,
    report,
    run,
    service,
    tick,
    webhook,
    workspace,
)

app = typer.Typer(
    name="stilltrue",
    help="Asks the people who can know whether what a project assumes is still true.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("web")(run.web)
app.command("worker")(run.worker)
app.command("tick")(tick.tick)
app.command("check")(check.check)
app.command("import")(import_.import_)
app.command("export")(export.export)
app.command("report")(report.report)
app.command("manifest")(manifest.manifest)
app.command("doctor")(doctor.doctor)
app.add_typer(db.app, name="db")
app.add_typer(outbox.app, name="outbox")
app.add_typer(webhook.app, name="webhook")
app.add_typer(service.app, name="service")
app.add_typer(workspace.app, name="workspace")
app.add_typer(key.app, name="key")
