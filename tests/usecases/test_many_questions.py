"""What a message with many questions costs: one look at each kind of row, not one a question."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from bot.domain.assumption import Impact
from bot.usecases import prompt
from tests.usecases.team import BO, DAY, LEASE, WORKSPACE, Team


@contextmanager
def looks(tx: Connection) -> Iterator[Counter[str]]:
    """Count the queries of the block by the table that each reads first."""
    found: Counter[str] = Counter()

    def seen(*given: Any) -> None:
        words = str(given[2]).split()
        if words[0] == "SELECT":
            found[words[words.index("FROM") + 1]] += 1

    event.listen(tx, "before_cursor_execute", seen)
    try:
        yield found
    finally:
        event.remove(tx, "before_cursor_execute", seen)


def looks_for(tx: Connection, questions: int, asked: Callable[[Team], Any]) -> Counter[str]:
    savepoint = tx.begin_nested()
    team = Team(tx=tx)
    for number in range(questions):
        team.log(statement=f"Part {number} is never late", impact=Impact.LOW, asked=[BO])
    team.work()  # the cards
    team.now += 30 * DAY
    with looks(tx) as found:
        asked(team)
    savepoint.rollback()
    return found


def ask(team: Team) -> None:
    due = prompt.claim_prompts(team.tx, now=team.now, limit=100, lease=LEASE)
    assert prompt.recipients(team.tx, due) == [{(WORKSPACE, BO)}] * len(due)
    people = {(WORKSPACE, user): member for user, member in team.people.items()}
    prompt.hand_over(team.tx, due, people=people, now=team.now, cadence=team.cadence)


def test_the_questions_of_a_day_are_looked_up_together(tx: Connection) -> None:
    few, many = looks_for(tx, 2, ask), looks_for(tx, 8, ask)

    assert few == many
    assert few["assumption"] > 0


def test_what_a_day_s_message_says_is_looked_up_together(tx: Connection) -> None:
    few, many = looks_for(tx, 2, Team.work), looks_for(tx, 7, Team.work)  # 8 fill it

    assert few == many
    assert few["history"] > 0
