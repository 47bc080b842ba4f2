"""Services: who owns what runs, and where its runbook is."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import structlog
import yaml
from sqlalchemy import Connection

from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.ids import WorkspaceId
from bot.domain.permission import Reader, may_see_service
from bot.domain.service import NAME_MAX, Link, Service, key_of
from bot.domain.text import strip_controls
from bot.store import service as services
from bot.usecases.channel import sight_of

log = structlog.get_logger()

IMPORT_MAX = 1_000_000  # characters of a file
_ENTITIES_MAX = 5_000
_LINKS_MAX = 20
_URL_MAX = 2000
_COLUMNS = ("name", "owner", "runbook", "docs")
_RUNS = frozenset(
    {"component", "api", "resource", "system"}
)  # kinds of Backstage that incidents name


def add_service(tx: Connection, service: Service) -> None:
    """Add a service, or replace what is known of the one of that name.

    Raises:
        UserFixableError: The name is empty or too long, or an address is none.
    """
    services.put(tx, _checked(service))
    log.info("service.added", service=key_of(service.name))


def list_services(tx: Connection, workspace: WorkspaceId, *, reader: Reader) -> list[Service]:
    """Return the services that the reader may see, by name."""
    sight, known = sight_of(tx, workspace, reader), services.all_of(tx, workspace)
    named = services.named_in(tx, workspace, sight) if known and sight.is_confined else ()
    return [one for one in known if may_see_service(sight, one, named=named)]


def remove_service(tx: Connection, workspace: WorkspaceId, name: str) -> None:
    """Forget a service; incidents that named it keep the name.

    Raises:
        NotFoundError: There is none of that name in this workspace.
    """
    if not services.remove(tx, workspace, name):
        raise NotFoundError(f"I know no service {name} here.")
    log.info("service.removed", service=key_of(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    services: tuple[Service, ...] = ()
    problems: tuple[str, ...] = ()  # one sentence each, with the line or the document it is about


def import_services(
    tx: Connection, workspace: WorkspaceId, text: str, *, is_dry_run: bool = False
) -> Imported:
    """Add the services of a CSV file or of a Backstage catalog; what cannot be read is said.

    A CSV begins with a line of column names: name, owner, runbook and docs (several addresses
    with spaces between them), in any order; only the name is needed.

    Raises:
        UserFixableError: The text is too long, or neither of the two.
    """
    if len(text) > IMPORT_MAX:
        raise UserFixableError(f"That is too long: {IMPORT_MAX:,} characters is the most I read.")
    read = _read_catalog if _is_catalog(text) else _read_csv
    found = read(workspace, text)
    if not is_dry_run:
        for service in found.services:
            services.put(tx, service)
        log.info("services.imported", services=len(found.services), problems=len(found.problems))
    return found


@dataclass(slots=True)
class _Import:
    found: dict[str, Service] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def add(self, service: Service, place: str) -> None:
        try:
            checked = _checked(service)
        except UserFixableError as error:
            self.problems.append(f"{place}: {error}")
            return
        if key_of(checked.name) in self.found:
            self.problems.append(f"{place}: {checked.name} is there twice; this one counts.")
        self.found[key_of(checked.name)] = checked

    def done(self) -> Imported:
        return Imported(services=tuple(self.found.values()), problems=tuple(self.problems))


def _is_catalog(text: str) -> bool:
    return any(line.startswith(("apiVersion:", "kind:")) for line in text.splitlines())


def _read_csv(workspace: WorkspaceId, text: str) -> Imported:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    result = _Import()
    try:
        columns = [name.strip().casefold() for name in next(rows, [])]
        if "name" not in columns:
            raise UserFixableError(
                "The first line has no column “name”. "
                f"The columns that I read are {', '.join(_COLUMNS)}."
            )
        for row in rows:
            if any(cell.strip() for cell in row):
                cells = dict(zip(columns, (cell.strip() for cell in row), strict=False))
                result.add(_of_cells(workspace, cells), f"Line {rows.line_num}")
    except csv.Error as error:
        result.problems.append(f"Line {rows.line_num}: {error}. Nothing after it was read.")
    return result.done()


def _of_cells(workspace: WorkspaceId, cells: Mapping[str, str]) -> Service:
    return Service(
        workspace=workspace,
        name=cells["name"],
        owner=cells.get("owner", ""),
        runbook=cells.get("runbook") or None,
        docs=tuple(Link(title="docs", url=url) for url in cells.get("docs", "").split()),
    )


def _read_catalog(workspace: WorkspaceId, text: str) -> Imported:
    result = _Import()
    try:
        documents = yaml.safe_load_all(text)
        for number, document in enumerate(islice(documents, _ENTITIES_MAX), start=1):
            place = f"Document {number}"
            match document:
                case None:
                    continue
                case {"kind": str(kind), "metadata": dict(about)}:
                    if kind.casefold() in _RUNS:
                        spec = document.get("spec")
                        result.add(_of_entity(workspace, about, spec), place)
                case _:
                    result.problems.append(f"{place}: it has no kind and metadata.")
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        line = f" near line {where.line + 1}" if where is not None else ""
        result.problems.append(f"This is no YAML{line}. Nothing after it was read.")
    return result.done()


def _of_entity(workspace: WorkspaceId, about: Mapping[Any, Any], spec: Any) -> Service:
    links = [*_links(about.get("links"))]
    runbooks = [link for link in links if "runbook" in link.title.casefold()]
    owner = spec.get("owner") if isinstance(spec, dict) else None
    return Service(
        workspace=workspace,
        name=_text(about.get("name")),
        owner=_text(owner).removeprefix("group:").removeprefix("user:").removeprefix("default/"),
        runbook=runbooks[0].url if runbooks else None,
        docs=tuple(link for link in links if link not in runbooks),
    )


def _links(found: Any) -> Iterator[Link]:
    if not isinstance(found, list):
        return
    for link in found[:_LINKS_MAX]:
        if isinstance(link, dict) and _is_address(_text(link.get("url"))):
            told = [_text(link.get(name)) for name in ("title", "type")]
            title = next((words for words in told if "runbook" in words.casefold()), told[0])
            yield Link(title=title or "docs", url=_text(link["url"]))


def _text(value: Any) -> str:
    return strip_controls(value).strip()[:_URL_MAX] if isinstance(value, str) else ""


def _checked(service: Service) -> Service:
    """Return the service as it can be kept.

    Raises:
        UserFixableError: The name is empty or too long, or an address is none.
    """
    name, owner = (_plain(value) for value in (service.name, service.owner))
    if not name:
        raise UserFixableError("The service has no name.")
    if len(name) > NAME_MAX or len(owner) > NAME_MAX:
        raise UserFixableError(f"A name has at most {NAME_MAX} characters.")
    addresses: Sequence[str] = [link.url for link in service.docs]
    for url in (*([service.runbook] if service.runbook else []), *addresses):
        if not _is_address(url):
            raise UserFixableError(f"“{_plain(url)[:60]}” is no address like https://….")
    docs = tuple(Link(title=_plain(link.title)[:NAME_MAX], url=link.url) for link in service.docs)
    return Service(
        workspace=service.workspace, name=name, owner=owner, runbook=service.runbook, docs=docs
    )


def _plain(value: str) -> str:
    readable = value.encode("utf-8", "replace").decode()
    return " ".join(strip_controls(readable).split())


def _is_address(url: str) -> bool:
    return (
        url.startswith(("https://", "http://"))
        and len(url) <= _URL_MAX
        and url.isprintable()
        and not any(map(str.isspace, url))
    )
