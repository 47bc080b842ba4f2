"""`check`: a gate for CI and release checklists."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.cli.data import in_workspace
from bot.domain.assumption import Impact
from bot.domain.errors import NotFoundError
from bot.domain.ids import ProjectKey
from bot.domain.permission import OPERATOR
from bot.domain.text import strip_controls

if TYPE_CHECKING:
    from bot.usecases.gate import Late


class Least(StrEnum):
    """What counts: of this impact or more."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"
    LOAD_BEARING = "load-bearing"

    @property
    def impact(self) -> Impact:
        return Impact.CRITICAL if self is Least.LOAD_BEARING else Impact(self.value)


def check(
    project: Annotated[str, typer.Option(help="The project's key.")],
    at: Annotated[Least, typer.Option(help="Only of this impact or more.")] = Least.LOW,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    workspace: Annotated[
        str | None, typer.Option(help="The workspace's id, where there are several.")
    ] = None,
) -> None:
    """List the open assumptions past their date. Exits with 1 if there are any, else with 0."""
    from bot import main
    from bot.usecases.gate import check_gate

    try:
        gate = in_workspace(
            main.read_settings(),
            workspace,
            check_gate,
            ProjectKey(project.upper()),
            at_least=at.impact,
            now=datetime.now(UTC),
            reader=OPERATOR,
        )
    except NotFoundError as error:  # a pipeline must not take it for a gate that is shut
        raise typer.BadParameter(str(error), param_hint="--project") from None
    if as_json:
        told = {
            "project": project.upper(),
            "at_least": at.impact.value,
            "passes": gate.is_open,
            "late": [_as_json(one) for one in gate.late],
            "accepted": [_as_json(one) for one in gate.accepted],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        for one in gate.late:
            print(_line(one))
        for one in gate.accepted:
            print(f"{_line(one)}; accepted until {_accepted_until(one)}")
        print(f"{len(gate.late)} past their date, {len(gate.accepted)} accepted.")
    if not gate.is_open:
        raise typer.Exit(1)


def _line(late: "Late") -> str:
    one = late.assumption
    statement = " ".join(strip_controls(one.statement).split())[:100]
    return f"{one.key}  {one.impact}  {statement}\n    {late.why}; owner {one.owner}"


def _accepted_until(late: "Late") -> str:
    accepted = late.assumption.accepted
    return accepted.until.isoformat() if accepted else ""


def _as_json(late: "Late") -> dict[str, Any]:
    one = late.assumption
    return {
        "key": str(one.key),
        "statement": one.statement,
        "impact": one.impact.value,
        "owner": one.owner,
        "validate_by": one.validate_by.isoformat() if one.validate_by else None,
        "why": late.why,
        "accepted_until": _accepted_until(late) or None,
    }
