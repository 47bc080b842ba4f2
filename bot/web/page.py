"""The pages for somebody who opens the bot's address in a browser."""

from html import escape

from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 1.05rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 14vh auto; padding: 0 1.2rem }}
  code {{ padding: .1em .35em; border-radius: .3em; background: color-mix(in srgb, currentColor 12%, transparent) }}
</style>
<h1>{title}</h1>
{body}
</html>
"""  # noqa: E501 - a line of the page is a line here
_HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",  # an address may hold a code
    "x-content-type-options": "nosniff",
}


def front_page(main_command: str, *, can_install: bool = False) -> str:
    install = '<p><a href="/slack/install">Add Still True? to your Slack</a>.</p>\n'
    return _PAGE.format(
        title="Still True?",
        body=(install if can_install else "")
        + "<p>This is where Slack reaches the bot; there is nothing to do here. In Slack, type "
        f"<code>{escape(main_command)} help</code>.</p>\n"
        '<p>Operators: <a href="/readyz">/readyz</a> says whether every part works, '
        "<code>stilltrue doctor</code> how to mend one that does not.</p>",
    )


def answer_page(
    title: str, *sentences: str, link: tuple[str, str] | None = None, status: int = 200
) -> HTMLResponse:
    """Return a page that says what became of something.

    Args:
        title: A few words.
        *sentences: A paragraph each; all texts are escaped here.
        link: What to do next, as an address and its words.
        status: The HTTP status.
    """
    paragraphs = [f"<p>{escape(sentence)}</p>" for sentence in sentences]
    if link is not None:
        paragraphs.append(f'<p><a href="{escape(link[0])}">{escape(link[1])}</a></p>')
    page = _PAGE.format(title=escape(title), body="\n".join(paragraphs))
    return HTMLResponse(page, status_code=status, headers=_HEADERS)
