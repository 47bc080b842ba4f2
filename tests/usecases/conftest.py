import pytest
from sqlalchemy import Connection

from tests.usecases.team import Team


@pytest.fixture
def team(tx: Connection) -> Team:
    return Team(tx=tx)
