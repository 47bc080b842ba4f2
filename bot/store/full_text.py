"""Finding assumptions by words.

Each word is kept with its workspace before it, `t012.payment`, since one list of postings for
all workspaces would be walked for every common word (measured with 1,000,000 assumptions in 1,000
workspaces: 500 ms, against 7 ms so). Both engines get the same words; SQLite stems them by its
porter tokenizer, PostgreSQL by its English snowball stemmer.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import Connection, TextClause, text

from bot.domain.ids import AssumptionKey, WorkspaceId

_WORD = re.compile(r"[^\W_]+")
_WORD_MAX = 40  # characters; with its prefix it stays below the 64 bytes that the stemmer reads
_QUERY_MAX = 64  # words; a long post-mortem repeats itself
_STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be been before but by can could did do does
    for from had has have he her his how i if in into is it its just me more my no not of on
    one or our out over she should so some than that the their them then there these they this
    to up us was we were what when where which who will with would you your
    """.split()  # noqa: SIM905 -- a list of words reads as words
)

# One by one, so that the words stay those of `words_of`; a stop word of PostgreSQL stays as it is.
PG_STEMMED = (
    "ARRAY(SELECT {prefix} || coalesce((ts_lexize('english_stem', word))[1], word)"
    " FROM unnest({words}) AS word)"
)
_STEMMED = PG_STEMMED.format(prefix="CAST(:prefix AS text)", words="CAST(:words AS text[])")

_PG_PUT = text(
    "INSERT INTO assumption_text (workspace, assumption, words)"  # noqa: S608 -- constants only
    f" VALUES (:workspace, :assumption, array_to_tsvector({_STEMMED}))"
    " ON CONFLICT (workspace, assumption) DO UPDATE SET words = excluded.words"
)
_SQLITE_FORGET = text(
    "DELETE FROM assumption_text WHERE rowid IN (SELECT rowid FROM assumption_text"
    " WHERE assumption_text MATCH :query AND workspace = :workspace AND assumption = :assumption)"
)
SQLITE_ADD = "INSERT INTO assumption_text (words, workspace, assumption) VALUES (?, ?, ?)"

_MATCH = (
    " JOIN assumption AS a ON a.workspace = t.workspace AND a.assumption = t.assumption"
    " WHERE {match} AND t.workspace = :workspace"
)
_OPEN_IN_PROJECT = " AND a.project = :project AND a.status IN ('unvalidated', 'validated')"
_BEST_FIRST = " ORDER BY {worse}, a.project, a.number LIMIT :limit"
_PG_QUERY = (
    "WITH q AS MATERIALIZED (SELECT CAST(array_to_string("  # noqa: S608 -- constants only
    f"ARRAY(SELECT quote_literal(lexeme) FROM unnest({_STEMMED}) AS lexeme), ' | ')"
    " AS tsquery) AS query)"
    " SELECT t.assumption FROM q, assumption_text AS t"
)


def _select(base: str, match: str, worse: str, condition: str) -> TextClause:
    return text(base + _MATCH.format(match=match) + condition + _BEST_FIRST.format(worse=worse))


_FIND = {
    ("postgresql", is_similar): _select(
        _PG_QUERY, "t.words @@ q.query", "ts_rank(t.words, q.query) DESC", condition
    )
    for is_similar, condition in ((True, _OPEN_IN_PROJECT), (False, ""))
} | {
    ("sqlite", is_similar): _select(
        "SELECT t.assumption FROM assumption_text AS t",
        "t.words MATCH :query",
        "bm25(assumption_text)",
        condition,
    )
    for is_similar, condition in ((True, _OPEN_IN_PROJECT), (False, ""))
}


def words_of(statement: str) -> list[str]:
    """Return the distinct words that tell one statement from another, in order."""
    plain = unicodedata.normalize("NFKC", statement).casefold()
    found = dict.fromkeys(word[:_WORD_MAX] for word in _WORD.findall(plain))
    return [word for word in found if word not in _STOP_WORDS]


def prefix_of(workspace: WorkspaceId) -> str:
    """Return what stands before each of the workspace's words; it ends where no word can begin."""
    name = workspace.lower()
    return f"{name}." if name.isascii() and name.isalnum() else f".{name.encode().hex()}."


def sqlite_words(workspace: WorkspaceId, key: AssumptionKey, statement: str) -> str:
    """Return the text that SQLite indexes: a word for the key, by which the row is found again."""
    prefix = prefix_of(workspace)
    return " ".join([_key_word(workspace, key), *(prefix + w for w in words_of(statement))])


def _key_word(workspace: WorkspaceId, key: AssumptionKey) -> str:
    return f"{prefix_of(workspace)}.{key.project.lower()}.{key.number}"


def put(tx: Connection, workspace: WorkspaceId, key: AssumptionKey, statement: str) -> None:
    """Let the assumption be found by the words of `statement`, and by no others."""
    named = {"workspace": workspace, "assumption": str(key)}
    if tx.dialect.name == "postgresql":
        words = {"prefix": prefix_of(workspace), "words": words_of(statement)}
        tx.execute(_PG_PUT, {**named, **words})
        return
    tx.execute(_SQLITE_FORGET, {**named, "query": f'"{_key_word(workspace, key)}"'})
    words_ = sqlite_words(workspace, key, statement)
    tx.exec_driver_sql(SQLITE_ADD, (words_, workspace, str(key)))


def find(
    tx: Connection,
    workspace: WorkspaceId,
    statement: str,
    *,
    limit: int,
    open_in: str | None = None,
) -> list[str]:
    """Return the keys of those that share words with `statement`, best first, ties by key.

    `open_in` is a project's key: only its open assumptions.
    """
    words = words_of(statement)[:_QUERY_MAX]
    if not words:
        return []
    engine = tx.dialect.name
    wanted = {"workspace": workspace, "limit": limit, **_query(engine, workspace, words)}
    if open_in is not None:
        wanted["project"] = open_in
    rows = tx.execute(_FIND[engine, open_in is not None], wanted)
    return [row.assumption for row in rows]


def _query(engine: str, workspace: WorkspaceId, words: Sequence[str]) -> dict[str, object]:
    prefix = prefix_of(workspace)
    if engine == "postgresql":
        return {"prefix": prefix, "words": list(words)}
    return {"query": " OR ".join(f'"{prefix}{word}"' for word in words)}
