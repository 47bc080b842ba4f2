"""One table for each kind of interaction: a key, and the function that answers it."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack.interaction import Click, Command, Happened, Interaction, Shortcut, Submission
from bot.slack.tools import Reply, Tools

Answer = Callable[[Tools, Any], Awaitable[Reply]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """What a module answers; commands are not here, since their names are configured."""

    clicks: Mapping[str, Callable[[Tools, Click], Awaitable[Reply]]] = field(default_factory=dict)
    submissions: Mapping[str, Callable[[Tools, Submission], Awaitable[Reply]]] = field(
        default_factory=dict
    )
    shortcuts: Mapping[str, Callable[[Tools, Shortcut], Awaitable[Reply]]] = field(
        default_factory=dict
    )
    events: Mapping[str, Callable[[Tools, Happened], Awaitable[Reply]]] = field(
        default_factory=dict
    )


class Dispatcher:
    """Finds what answers an interaction by its key, among however many, in one step."""

    def __init__(
        self,
        commands: Mapping[str, Callable[[Tools, Command], Awaitable[Reply]]],
        *modules: Routes,
    ) -> None:
        self._table: dict[tuple[type[Interaction], str], Answer] = {}
        self._add(Command, commands)
        for routes in modules:
            self._add(Click, routes.clicks)
            self._add(Submission, routes.submissions)
            self._add(Shortcut, routes.shortcuts)
            self._add(Happened, routes.events)

    def _add(self, kind: type[Interaction], answers: Mapping[str, Answer]) -> None:
        for key, answer in answers.items():
            if (kind, key) in self._table:
                raise ValueError(f"{kind.__name__} {key} is answered twice")
            self._table[kind, key] = answer

    def find(self, interaction: Interaction) -> Answer | None:
        return self._table.get((type(interaction), key_of(interaction)))

    def __iter__(self) -> Iterator[tuple[type[Interaction], str]]:
        """Everything that is answered, by kind and key."""
        return iter(self._table)


def key_of(interaction: Interaction) -> str:
    match interaction:
        case Command():
            return interaction.name
        case Click():
            return interaction.action_id
        case Submission() | Shortcut():
            return interaction.callback_id
        case Happened():
            return interaction.type
        case _:
            raise TypeError(f"no key for {type(interaction).__name__}")
