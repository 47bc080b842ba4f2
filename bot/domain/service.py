"""A service: something that runs, and has an owner, a runbook and documentation."""

from dataclasses import dataclass

from bot.domain.ids import WorkspaceId

NAME_MAX = 100  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    title: str
    url: str  # https:// or http://


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    workspace: WorkspaceId
    name: str  # as incidents write it; two that differ in case alone are one service
    owner: str = ""  # a Slack user's id, or what the team's catalogue calls the owner
    runbook: str | None = None  # an address
    docs: tuple[Link, ...] = ()


def key_of(name: str) -> str:
    """Return what two spellings of one service have in common."""
    return " ".join(name.casefold().split())
