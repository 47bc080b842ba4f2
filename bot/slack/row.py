"""The menu of a list's row: what can be done with that one."""

from bot.slack import assumption_edit, details, ids
from bot.slack.dispatch import Routes
from bot.slack.interaction import Click
from bot.slack.show import key_of
from bot.slack.tools import Reply, Tools


async def press_row(tools: Tools, click: Click) -> Reply:
    """An entry of the menu: what to do, then with which."""
    word, _, key_text = click.value.partition("|")
    key = key_of(key_text)
    match word:
        case ids.ROW_EDIT:
            tools.after_ack(click, assumption_edit.open_edit(tools, click, key))
        case ids.ROW_RETIRE:
            tools.after_ack(click, assumption_edit.open_retire(tools, click, key))
        case _:
            tools.after_ack(click, details.open_details(tools, click, key))
    return None


ROUTES = Routes(clicks={ids.ROW_MORE: press_row})
