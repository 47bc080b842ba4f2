"""The rule that says when prompts are due: one rhythm for each impact."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from bot.domain.assumption import Impact

_MOST = 365  # of working days, days or reminders: more is a slip of the pen


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    first_ask_working_days: int  # 0: in the next working hour
    remind_after_working_days: int  # from 1
    reminders: int  # from 0
    lifetime: timedelta  # how long an answer lives, whole days
    requires_evidence: bool  # whether "still true" must say how one knows

    @property
    def reminding_working_days(self) -> int:
        """The working days that all reminders need before an answer is late."""
        return self.remind_after_working_days * self.reminders


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who hears, one after the other, that nobody answered."""

    steps: int = 3  # 1 the owner, 2 the project's lead too, 3 the project's channel too
    working_days_between: int = 1  # from 1

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Read what `config/escalation.toml` holds.

        Raises:
            ValueError: A value is missing, unknown or out of bounds; the text says which.
        """
        if set(table) != {"last", "working_days_between"}:
            raise ValueError("it must hold last and working_days_between, and nothing else")
        if table["last"] not in _LAST:
            raise ValueError(f"last must be one of {', '.join(_LAST)}")
        days = table["working_days_between"]
        if not isinstance(days, int) or isinstance(days, bool) or not 1 <= days <= _MOST:
            raise ValueError(f"working_days_between must be a whole number from 1 to {_MOST}")
        return cls(steps=_LAST.index(table["last"]) + 1, working_days_between=days)


_LAST = ("owner", "lead", "channel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cadence:
    rhythms: Mapping[Impact, Rhythm]
    refresh_share: float = 0.2  # of the lifetime; the least lead of a refresh
    escalation: Escalation = Escalation()

    @classmethod
    def from_table(cls, table: Mapping[str, Any]) -> Self:
        """Read what `config/cadence.toml` holds: a table for each impact, and `refresh_share`.

        Raises:
            ValueError: A value is missing, unknown or out of bounds; the text says which.
        """
        unknown = set(table) - set(Impact) - {"refresh_share"}
        if unknown:
            raise ValueError(f"there is no setting {sorted(unknown)[0]}")
        share = table.get("refresh_share", 0.2)
        if not isinstance(share, int | float) or not 0 < share < 1:
            raise ValueError("refresh_share must lie between 0 and 1, for example 0.2")
        return cls(
            rhythms={impact: _rhythm(impact, table.get(impact)) for impact in Impact},
            refresh_share=float(share),
        )

    def with_overrides(self, overrides: Mapping[str, Any]) -> Self:
        """Return it with what differs in one project: parts of `from_table`'s tables.

        Raises:
            ValueError: A name is unknown or a value out of bounds; the text says which.
        """
        table = self.to_table()
        for name, value in overrides.items():
            is_rhythm = name in set(Impact) and isinstance(value, Mapping)
            table[name] = {**table[name], **value} if is_rhythm else value
        return replace(self.from_table(table), escalation=self.escalation)

    def differing_from(self, other: "Cadence") -> dict[str, Any]:
        """Return the overrides that make this of `other`."""
        mine, theirs = self.to_table(), other.to_table()
        differing = {
            impact: {k: v for k, v in mine[impact].items() if v != theirs[impact][k]}
            for impact in Impact
        }
        found: dict[str, Any] = {str(impact): part for impact, part in differing.items() if part}
        if self.refresh_share != other.refresh_share:
            found["refresh_share"] = self.refresh_share
        return found

    def to_table(self) -> dict[str, Any]:
        """Return what `from_table` reads."""
        tables: dict[str, Any] = {
            str(impact): {
                "first_ask_working_days": rhythm.first_ask_working_days,
                "remind_after_working_days": rhythm.remind_after_working_days,
                "reminders": rhythm.reminders,
                "lifetime_days": rhythm.lifetime.days,
                "requires_evidence": rhythm.requires_evidence,
            }
            for impact, rhythm in self.rhythms.items()
        }
        return tables | {"refresh_share": self.refresh_share}


_LEAST = {
    "first_ask_working_days": 0,
    "remind_after_working_days": 1,
    "reminders": 0,
    "lifetime_days": 1,
}
_FIELDS = {*_LEAST, "requires_evidence"}


def _rhythm(impact: Impact, table: object) -> Rhythm:
    if not isinstance(table, Mapping):
        raise ValueError(f"the table [{impact}] is missing")  # noqa: TRY004 - one kind of error
    if set(table) != _FIELDS:
        wrong = sorted(set(table) ^ _FIELDS)[0]
        raise ValueError(f"[{impact}] must hold {', '.join(sorted(_FIELDS))}; look at {wrong}")
    for name, least in _LEAST.items():
        value = table[name]
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= _MOST:
            raise ValueError(f"[{impact}] {name} must be a whole number from {least} to {_MOST}")
    if not isinstance(table["requires_evidence"], bool):
        raise ValueError(f"[{impact}] requires_evidence must be true or false")  # noqa: TRY004
    given = {name: table[name] for name in _FIELDS - {"lifetime_days"}}
    return Rhythm(lifetime=timedelta(days=table["lifetime_days"]), **given)
