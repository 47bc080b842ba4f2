import pytest

from bot.store.database import Database
from tests.scheduling.office import Office, People, Slack, Time


@pytest.fixture
def office(database: Database) -> Office:
    time = Time()
    return Office(db=database, time=time, slack=Slack(time), people=People())
