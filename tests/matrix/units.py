"""Every unit of the use cases that a surface can run: what the matrix of queries is made from."""

import ast
import functools
import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bot
import bot.usecases

Unit = Callable[..., Any]

_SURFACES = ("cli", "scheduling", "slack", "web", "main.py", "health.py")


@functools.cache
def all_units() -> dict[str, Unit]:
    """What a surface names of the use cases, and all that takes a reader; `{module.name: unit}`."""
    return dict(sorted({**_named_by_surfaces(), **_with_a_reader()}.items()))


def _named_by_surfaces() -> dict[str, Unit]:
    return {
        f"{module.removeprefix('bot.usecases.')}.{name}": unit
        for source in _surfaces()
        for module, name in _imports(ast.parse(source))
        if (unit := _unit(importlib.import_module(module), name)) is not None
    }


def _with_a_reader() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for info in pkgutil.iter_modules(bot.usecases.__path__, "bot.usecases."):
        module = importlib.import_module(info.name)
        for name in vars(module):
            unit = None if name.startswith("_") else _unit(module, name)
            if unit is not None and "reader" in inspect.signature(unit).parameters:
                found[f"{info.name.removeprefix('bot.usecases.')}.{name}"] = unit
    return found


def _unit(module: Any, name: str) -> Unit | None:
    """The module's own function of that name, if it runs in a transaction."""
    unit = getattr(module, name, None)
    if not inspect.isfunction(unit) or unit.__module__ != module.__name__:
        return None
    return unit if next(iter(inspect.signature(unit).parameters), "") == "tx" else None


def _surfaces() -> Iterator[str]:
    """The text of each module above the use cases that names any of them."""
    root = Path(bot.__file__).parent
    for name in _SURFACES:
        place = root / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            source = path.read_text("utf-8")
            if "bot.usecases" in source:
                yield source


def _imports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Each `(module, name)` of the use cases that a file names, wherever in it."""
    modules: dict[str, str] = {}
    used: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "bot.usecases":
            modules |= {one.asname or one.name: f"bot.usecases.{one.name}" for one in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot.usecases."):
            yield from ((str(node.module), one.name) for one in node.names)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            used.append((node.value.id, node.attr))
    yield from ((modules[name], attribute) for name, attribute in used if name in modules)
