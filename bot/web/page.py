"""The page for somebody who opens the bot's address in a browser."""

from html import escape

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Still True?</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 14vh auto; padding: 0 1.2rem }}
  code {{ padding: .1em .35em; border-radius: .3em; background: color-mix(in srgb, currentColor 12%, transparent) }}
</style>
<h1>Still True?</h1>
<p>This is where Slack reaches the bot; there is nothing to do here. In Slack, type <code>{command} help</code>.</p>
<p>Operators: <a href="/readyz">/readyz</a> says whether every part works, <code>stilltrue doctor</code> how to mend
one that does not.</p>
</html>
"""  # noqa: E501 - a line of the page is a line here


def front_page(main_command: str) -> str:
    return _PAGE.format(command=escape(main_command))
