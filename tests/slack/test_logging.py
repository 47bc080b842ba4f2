"""What somebody types is logged, refused with a sentence, or still there after a failure."""

import pytest

from bot.domain.errors import NotFoundError
from bot.usecases.assumption import show_assumption
from bot.usecases.setback import get_setback
from tests.make import WORKSPACE, key
from tests.slack.conftest import Wire, text_of


@pytest.mark.parametrize("name", ["/assume", "/stilltrue"])
@pytest.mark.parametrize(
    ("word", "told"), [("import", "stilltrue import FILE"), ("Export", "stilltrue export FOLDER")]
)
async def test_a_word_of_the_command_line_alone_says_where_it_is_typed(
    wire: Wire, name: str, word: str, told: str
) -> None:
    await wire.start_project()

    reply = await wire.command(word, name=name)

    assert reply["response_type"] == "ephemeral"
    assert told in reply["text"]
    await wire.app.tools.tasks.drain()
    assert "views.open" not in text_of(await wire.seen("traffic"))


async def test_a_statement_may_begin_with_a_word_of_the_command_line(wire: Wire) -> None:
    await wire.start_project()

    await wire.command("import duties stay at 4 % | impact:low")

    shown = await wire.db.inner.read(show_assumption, WORKSPACE, key())
    assert shown.assumption.statement == "import duties stay at 4 %"


async def test_a_negative_cost_is_said_and_nothing_is_recorded(wire: Wire) -> None:
    await wire.start_project()

    reply = await wire.command("delay -3d waiting for the API", name="/setback")

    assert "I read “-3d” as one" in text_of(reply)
    with pytest.raises(NotFoundError):
        await wire.db.inner.read(get_setback, WORKSPACE, 1)
