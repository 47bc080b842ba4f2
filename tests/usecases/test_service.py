"""Services are added by hand or from a file; what cannot be read is said, line by line."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.channel import Channel
from bot.domain.errors import NotFoundError, UserFixableError
from bot.domain.outbox import MessageKind
from bot.domain.permission import OPERATOR, Reader
from bot.domain.service import Link, Service
from bot.domain.setback import SetbackDraft, SetbackKind
from bot.usecases import setback
from bot.usecases.channel import describe_channel
from bot.usecases.contents import SetbackContent
from bot.usecases.service import (
    Imported,
    add_service,
    import_services,
    list_services,
    remove_service,
)
from bot.usecases.setback_list import read_setback
from tests.usecases.team import ANA, BO, CHANNEL, CY, WORKSPACE, Team

CHECKOUT = Service(
    workspace=WORKSPACE, name="checkout", owner="U0ANA", runbook="https://runbooks.example/c"
)

CSV = """\
Name,Runbook,Owner,docs
checkout,https://runbooks.example/c,U0ANA,https://a.example https://b.example

search,,"Search, and more",
,,nobody,
billing,not an address,,
"""

CATALOG = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: checkout
  links:
    - {url: "https://runbooks.example/c", title: Checkout runbook}
    - {url: "https://docs.example/c", title: Design}
    - {url: "javascript:alert(1)", title: Bad}
spec: {type: service, owner: "group:default/payments"}
---
kind: User
metadata: {name: ana}
---
kind: API
metadata: {name: payments-api}
"""


def test_a_csv_brings_what_can_be_read_and_says_what_cannot(team: Team) -> None:
    found = import_services(team.tx, WORKSPACE, CSV)

    docs = tuple(Link(title="docs", url=f"https://{name}.example") for name in "ab")
    assert list_services(team.tx, WORKSPACE, reader=OPERATOR) == [
        replace(CHECKOUT, docs=docs),
        Service(workspace=WORKSPACE, name="search", owner="Search, and more"),
    ]
    assert [problem.partition(":")[0] for problem in found.problems] == ["Line 5", "Line 6"]


def test_a_catalog_brings_its_components_with_runbook_and_docs(team: Team) -> None:
    found = import_services(team.tx, WORKSPACE, CATALOG)

    docs = (Link(title="Design", url="https://docs.example/c"),)
    assert found.problems == ()
    assert list_services(team.tx, WORKSPACE, reader=OPERATOR) == [
        replace(CHECKOUT, owner="payments", docs=docs),
        Service(workspace=WORKSPACE, name="payments-api"),
    ]


def test_a_dry_run_adds_nothing(team: Team) -> None:
    found = import_services(team.tx, WORKSPACE, CATALOG, is_dry_run=True)

    assert len(found.services) == 2
    assert list_services(team.tx, WORKSPACE, reader=OPERATOR) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name\n" + "x" * 101 + "\n", "Line 2: A name has at most 100 characters."),
        ("name\na\nA\n", "Line 3: A is there twice; this one counts."),
        ('name\n"a', "Line 2: unexpected end of data. Nothing after it was read."),
        ("kind: Component\nmetadata: {name: ''}", "Document 1: The service has no name."),
        ("kind: Component\nmetadata: 1", "Document 1: it has no kind and metadata."),
        ("kind: [", "This is no YAML near line 1. Nothing after it was read."),
        ("kind: !!python/object:os.system {}", "This is no YAML near line 1."),
    ],
)
def test_what_cannot_be_read_is_said(team: Team, text: str, problem: str) -> None:
    found = import_services(team.tx, WORKSPACE, text)

    assert found.problems[0].startswith(problem)


@pytest.mark.parametrize("text", ["", "owner\nana\n", "x" * 1_000_001])
def test_a_file_that_is_neither_is_refused(team: Team, text: str) -> None:
    with pytest.raises(UserFixableError):
        import_services(team.tx, WORKSPACE, text)


@pytest.mark.parametrize("engine_kind", ["sqlite"])
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    text=st.text(max_size=80), start=st.sampled_from(["name\n", "kind: Component\n", "name,docs\n"])
)
def test_any_text_is_read_or_refused(team: Team, text: str, start: str) -> None:
    assert isinstance(import_services(team.tx, WORKSPACE, start + text), Imported)


def test_a_service_can_be_replaced_and_removed(team: Team) -> None:
    add_service(team.tx, CHECKOUT)
    add_service(team.tx, replace(CHECKOUT, owner="U0BO"))

    assert [one.owner for one in list_services(team.tx, WORKSPACE, reader=OPERATOR)] == ["U0BO"]

    remove_service(team.tx, WORKSPACE, "Checkout")
    with pytest.raises(NotFoundError, match="I know no service Checkout here"):
        remove_service(team.tx, WORKSPACE, "Checkout")


def test_an_incidents_message_brings_the_owner_and_the_runbook_of_its_services(team: Team) -> None:
    add_service(team.tx, CHECKOUT)
    draft = SetbackDraft(
        kind=SetbackKind.INCIDENT,
        text="down",
        started_at=team.now,
        services=("Checkout", "unknown"),
        channel=CHANNEL,
    )

    setback.record_setback(team.tx, WORKSPACE, draft, by=ANA, now=team.now)
    team.work()

    (content,) = team.heard(MessageKind.SETBACK, to=CHANNEL)
    assert isinstance(content, SetbackContent)
    assert content.services == (CHECKOUT,)


def seen_by(team: Team, reader: Reader) -> list[str]:
    return [one.name for one in list_services(team.tx, WORKSPACE, reader=reader)]


def test_a_guest_sees_the_services_of_what_they_work_on_and_another_company_none(
    team: Team,
) -> None:
    for name, owner in (("checkout", ""), ("search", BO), ("vault", "")):
        add_service(team.tx, Service(workspace=WORKSPACE, name=name, owner=owner))
    team.log(services=("Checkout",))
    guest = Reader.person(CY, is_guest=True)

    assert seen_by(team, Reader.person(CY)) == ["checkout", "search", "vault"]
    assert seen_by(team, guest) == []
    assert seen_by(team, replace(guest, here=CHANNEL)) == ["checkout"]
    assert seen_by(team, Reader.person(BO, is_guest=True)) == ["checkout", "search"]
    assert seen_by(team, Reader.outsider(BO)) == []


def test_whom_to_call_and_what_to_read_is_not_shown_where_another_company_reads_along(
    team: Team,
) -> None:
    add_service(team.tx, CHECKOUT)
    hurt = SetbackDraft(
        kind=SetbackKind.INCIDENT,
        text="down",
        started_at=team.now,
        channel=CHANNEL,
        services=("checkout",),
    )
    made = setback.record_setback(team.tx, WORKSPACE, hurt, by=ANA, now=team.now)
    assert made is not None

    def shown(reader: Reader) -> tuple[Service, ...]:
        told = read_setback(team.tx, WORKSPACE, made.number, reader=reader, now=team.now)
        return told.services

    audience, guest = Reader.audience(CHANNEL), Reader.person(CY, is_guest=True, here=CHANNEL)
    before = shown(audience)
    shared = Channel(
        workspace=WORKSPACE, id=CHANNEL, is_private=False, is_shared=True, seen_at=team.now
    )
    describe_channel(team.tx, shared, now=team.now)

    assert before == (CHECKOUT,)
    assert shown(audience) == ()
    assert shown(guest) == (CHECKOUT,)
