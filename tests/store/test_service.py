"""Services."""

from dataclasses import replace

from sqlalchemy import Connection

from bot.domain.service import Link, Service
from bot.store import service as services
from tests.store.samples import ELSEWHERE, HERE

CHECKOUT = Service(
    workspace=HERE,
    name="Checkout API",
    owner="U0ANA",
    runbook="https://runbooks.example/checkout",
    docs=(Link(title="Docs", url="https://docs.example/checkout"),),
)


def test_a_service_is_as_last_written_whatever_the_case_of_its_name(tx: Connection) -> None:
    services.put(tx, CHECKOUT)
    again = replace(CHECKOUT, name="checkout  api", owner="payments", runbook=None, docs=())

    services.put(tx, again)

    assert services.all_of(tx, HERE) == [again]


def test_those_that_are_known_are_found_by_their_names(tx: Connection) -> None:
    search = replace(CHECKOUT, name="search")
    for service in (search, CHECKOUT, replace(CHECKOUT, workspace=ELSEWHERE, name="billing")):
        services.put(tx, service)

    assert services.named(tx, HERE, ["CHECKOUT API", "billing", "search"]) == [CHECKOUT, search]
    assert services.named(tx, HERE, []) == []


def test_a_service_is_removed_in_its_workspace_alone(tx: Connection) -> None:
    services.put(tx, CHECKOUT)

    assert not services.remove(tx, ELSEWHERE, "checkout api")
    assert services.remove(tx, HERE, "CHECKOUT api")
    assert services.all_of(tx, HERE) == []
