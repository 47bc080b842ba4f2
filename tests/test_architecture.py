"""The repository's own promises: layers, processes, and documents that say what is so."""

import re
import stat
import tomllib
from pathlib import Path

import pytest
from honcho.environ import parse_procfile
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports
from typer.main import get_command

from bot.cli import app
from bot.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
CI = ROOT / ".ci" / "run"


def test_every_import_goes_down_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)

    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS


def test_every_file_is_in_a_folder_that_the_design_names() -> None:
    top = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}

    assert {"bot", "migrations", "tests", "config"} <= top
    assert not top & {"utils", "src", "scripts"}
    assert list((ROOT / "bot").rglob("utils.py")) == []


def test_the_procfile_runs_commands_that_are_there() -> None:
    processes = parse_procfile((ROOT / "Procfile").read_text()).processes

    assert set(processes) == {"release", "web", "worker"}
    command = get_command(app)
    for line in processes.values():
        program, *words = line.split()
        assert program == "stilltrue"
        assert words[0] in command.commands  # type: ignore[attr-defined]


VARIABLES = [str(field.validation_alias) for field in Settings.model_fields.values()]


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_setting_is_documented(variable: str) -> None:
    table = README.partition("## Configuration")[2]
    example = (ROOT / "config" / "env.example").read_text("utf-8")

    assert f"`{variable}`" in table
    assert re.search(rf"^#?{variable}=", example, re.MULTILINE)


def test_no_setting_is_documented_that_is_not_there() -> None:
    texts = README + (ROOT / "config" / "env.example").read_text("utf-8")

    assert set(re.findall(r"\bSTILLTRUE_[A-Z_]+\b", texts)) <= set(VARIABLES)


def test_the_readme_s_commands_are_the_ones_that_ci_runs() -> None:
    test_command = "python3 -m venv .venv && .venv/bin/pip install uv && .venv/bin/uv run pytest"

    assert test_command in README.splitlines()
    assert test_command in CI.read_text().splitlines()


def test_the_check_can_be_run() -> None:
    assert CI.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in CI.read_text()


@pytest.mark.parametrize("path", re.findall(r"\]\(((?!https?:)[^)#]+)\)", README))
def test_a_file_that_the_readme_links_to_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["scripts"] == {"stilltrue": "bot.__main__:main"}
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
