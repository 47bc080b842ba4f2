from typing import Any

from bot.sandbox.kit.check import Check
from bot.sandbox.kit.layout import LONGEST_MARKDOWN, layout_block, markdown_length
from bot.sandbox.kit.rich import LONGEST_TABLE, table_length

MOST_BLOCKS = 50


def message_problems(blocks: list[Any]) -> list[str]:
    """What Slack would refuse in a message's blocks; empty when it would take them."""
    check = Check("message")
    if len(blocks) > MOST_BLOCKS:
        check.fail("/blocks", f"no more than {MOST_BLOCKS} items allowed")
    for index, block in enumerate(blocks):
        layout_block(check, block, f"/blocks/{index}")
    if markdown_length(blocks) > LONGEST_MARKDOWN:
        check.fail("/blocks", f"markdown text must be less than {LONGEST_MARKDOWN + 1} characters")
    tables = [one for one in blocks if isinstance(one, dict) and one.get("type") == "table"]
    if sum(table_length(one.get("rows")) for one in tables) > LONGEST_TABLE:
        check.fail("/blocks", f"table text must be less than {LONGEST_TABLE + 1} characters")
    return check.problems
