"""Sends everything that can be asked, as everybody who should learn nothing, and counts leaks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.matrix.recipes import RECIPES, Recipe
from tests.matrix.world import FAR_TEAM, FOREIGN, HOME_TEAM, PRIVATE, READERS, Actor, Ids, World

_RANDOM = re.compile(  # a whole token first: what it begins with may look like one of the others
    r"(?<=\")[\w-]{16}(?=\\*\")"
    r"|\b9\d{5}\b|V\d+|\d+\.t\b|\b\d+\.\d\b|[0-9a-f]{8}(?=[^0-9a-f])"
)
_NOTED = ("member", "channel", "channel_member")
_APOLOGY = "Something went wrong"


@dataclass
class Verdict:
    """What was tried, and what should not have been."""

    entries: set[str] = field(default_factory=set)
    cases: int = 0
    leaks: list[str] = field(default_factory=list)

    def __iadd__(self, other: "Verdict") -> "Verdict":
        self.entries |= other.entries
        self.cases += other.cases
        self.leaks += other.leaks
        return self


async def judge(world: World, case: str, entries: Iterable[tuple[type, str]]) -> Verdict:
    """Try every entry as one of those who should learn nothing."""
    verdict = Verdict()
    actor, named = READERS[case]
    ids = world.ids["FOREIGN" if named is FOREIGN else "PRIVATE"]
    for kind, key in sorted(entries, key=_order):
        recipe, name = RECIPES[kind, key], f"{kind.__name__} {key}"
        verdict.entries.add(name)
        verdict.leaks += [
            f"{case}: {name}: {leak}" for leak in await _try(world, recipe, actor, ids)
        ]
        verdict.cases += 1
        if recipe.ends_the_world:
            world.install()
    return verdict


def _order(entry: tuple[type, str]) -> tuple[bool, str, str]:
    return RECIPES[entry].ends_the_world, entry[0].__name__, entry[1]


async def _try(world: World, recipe: Recipe, actor: Actor, ids: Ids) -> list[str]:
    missing = world.ids["MISSING"]
    leaks: list[str] = []
    before = await world.rows()
    for asked, control in zip(recipe.make(actor, ids), recipe.make(actor, missing), strict=True):
        version = await world.version()
        told = await world.send(asked)
        to_be_said: list[str] = []
        if await world.version() != version:
            after = await world.rows()
            leaks += written(
                before, after, names_nothing=recipe.names_nothing, actor=actor, ids=ids
            )
            before, to_be_said = after, await world.to_be_said()
        leaks += [f"reads {one[:300]}" for one in (*told, *to_be_said) if ids.canary in one]
        leaks += [f"fails {one[:300]}" for one in told if _APOLOGY in one]
        version = await world.version()
        expected = await world.send(control)
        if await world.version() != version:
            before = await world.rows()
        if plain(told, ids) != plain(expected, missing):
            leaks.append(f"differs {plain(told, ids)} {plain(expected, missing)}"[:900])
    return leaks


def plain(told: list[str], ids: Ids) -> list[str]:
    """Let answers that differ in what was named alone be the same."""
    return [_RANDOM.sub("~", ids.hide(one)) for one in told]


def written(
    before: dict[str, list[str]],
    after: dict[str, list[str]],
    *,
    names_nothing: bool,
    actor: Actor,
    ids: Ids,
) -> list[str]:
    """Say what was written that may not be; a person's own act may touch what is their own."""
    safe_before, safe_after = _protected(before, actor, ids), _protected(after, actor, ids)
    if names_nothing:
        before, after = safe_before, safe_after
    else:  # what Slack said of the person and of where they are may be noted
        noted = {name: safe_before[name] for name in _NOTED}
        before, after = {**before, **noted}, {**after, **{n: safe_after[n] for n in _NOTED}}
    return [
        f"writes {name}: {sorted(set(after[name]) ^ set(before[name]))[:3]}"[:600]
        for name in before
        if before[name] != after[name]
    ]


def _protected(rows: dict[str, list[str]], actor: Actor, ids: Ids) -> dict[str, list[str]]:
    """The rows that nobody of these may touch: of the other workspace, or about what is secret."""
    other = HOME_TEAM if actor.team == FAR_TEAM else FAR_TEAM
    marks = [f"('{other}'", ids.canary]
    if ids.project == PRIVATE.project and actor.team == HOME_TEAM:
        marks.append(ids.project)
    return {
        name: [row for row in found if any(mark in row for mark in marks)]
        for name, found in rows.items()
    }
