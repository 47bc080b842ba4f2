"""Finding assumptions by words.

Each word is kept with its workspace before it, `t012.payment`, since one list of postings for
all workspaces would be walked for every common word (measured with 1,000,000 assumptions in 1,000
workspaces: 500 ms, against 7 ms so). Words are stemmed here, as the ranking stems them: what is
found is what counts there, and both engines find the same.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy import Connection, TextClause, text

from bot.domain.ids import AssumptionKey, WorkspaceId
from bot.domain.linking import stem

_WORD = re.compile(r"[^\W_]+")
_WORD_MAX = 40  # characters
_QUERY_MAX = 64  # words; a long post-mortem repeats itself
_SERVICES_MAX = 8
_ALL = 1_000_000_000  # assumptions; no word is too common
_STOP_WORDS = frozenset(
    """
    a about after all also an and any are as at be been before but by can could did do does
    for from had has have he her his how i if in into is it its just me more my no not of on
    one or our out over she should so some than that the their them then there these they this
    to up us was we were what when where which who will with would you your
    """.split()  # noqa: SIM905 -- a list of words reads as words
)

_PG_PUT = text(
    "INSERT INTO assumption_text (workspace, assumption, words)"
    " VALUES (:workspace, :assumption, array_to_tsvector(CAST(:words AS text[])))"
    " ON CONFLICT (workspace, assumption) DO UPDATE SET words = excluded.words"
)
_SQLITE_FORGET = text(
    "DELETE FROM assumption_text WHERE rowid IN (SELECT rowid FROM assumption_text"
    " WHERE assumption_text MATCH :query AND workspace = :workspace AND assumption = :assumption)"
)
SQLITE_ADD = "INSERT INTO assumption_text (words, workspace, assumption) VALUES (?, ?, ?)"

# Rare words are looked up, common ones left out: a word costs by how many have it, and what most
# have tells nothing. A word weighs M / (M + 9n): n have it, M have the most common one kept. Whole
# numbers add up to the same on both engines.
# Of all words of a query together. Half as many as once: of 100,000 in one workspace it finds no
# fewer true ones (58 of 100 against 56), and walks half of the postings at worst.
_LOOKED_UP = 30_000
_WEIGH = """
, counted (word, hits) AS (
  SELECT word, count(*) FROM hit GROUP BY word HAVING count(*) <= :many
), weighed (word, weight) AS (
  SELECT word, 1000 * most / (most + 9 * hits)
  FROM counted, (SELECT max(hits) AS most FROM counted) AS commonest
)
"""
_OPEN_IN_PROJECT = """
JOIN assumption AS a ON a.workspace = {found}.workspace AND a.assumption = {found}.assumption
  AND a.project = :project AND a.status IN ('unvalidated', 'validated')
"""
_BEST_FIRST = "ORDER BY {score} DESC, length({key}), {key} LIMIT :limit"

# Without the workspace inside: the prefix names it, and PostgreSQL would rather walk all of the
# workspace's rows for each word than ask the index.
_PG_HITS = """
WITH looked_up AS MATERIALIZED (
  SELECT word, CAST(quote_literal(word) AS tsquery) AS query
  FROM unnest(CAST(:words AS text[])) AS word
), hit AS MATERIALIZED (
  SELECT word, t.workspace, t.assumption FROM looked_up CROSS JOIN LATERAL (
    SELECT workspace, assumption FROM assumption_text WHERE words @@ query LIMIT :many + 1
  ) AS t
)
"""
_PG_FIND = {
    is_similar: text(
        _PG_HITS  # noqa: S608 -- constants only
        + _WEIGH
        + " SELECT hit.assumption FROM hit JOIN weighed ON weighed.word = hit.word"
        + condition
        + " WHERE hit.workspace = :workspace GROUP BY hit.assumption "
        + _BEST_FIRST.format(score="sum(weight)", key='hit.assumption COLLATE "C"')
    )
    for is_similar, condition in ((True, _OPEN_IN_PROJECT.format(found="hit")), (False, ""))
}

_SQLITE_HITS = (
    "SELECT {number}, rowid FROM (SELECT rowid FROM assumption_text"
    " WHERE assumption_text MATCH :word{number} LIMIT :many + 1)"
)
_SQLITE_SCORED = """
, scored (id, score) AS (
  SELECT id, sum(weight) FROM hit JOIN weighed ON weighed.word = hit.word GROUP BY id
)
SELECT t.assumption FROM scored JOIN assumption_text AS t ON t.rowid = scored.id
"""
# The names of the best alone are read, with those that equal the last of them.
_SQLITE_BEST = """
 AND score >= (SELECT min(score) FROM (SELECT score FROM scored ORDER BY score DESC LIMIT :limit))
"""


@cache
def _sqlite_find(count: int, *, is_similar: bool) -> TextClause:
    hits = " UNION ALL ".join(_SQLITE_HITS.format(number=number) for number in range(count))
    return text(
        f"WITH hit (word, id) AS MATERIALIZED ({hits}) {_WEIGH} {_SQLITE_SCORED}"
        + (_OPEN_IN_PROJECT.format(found="t") if is_similar else "")
        + " WHERE t.workspace = :workspace "
        + ("" if is_similar else _SQLITE_BEST)
        + _BEST_FIRST.format(score="score", key="t.assumption")
    )


def words_of(statement: str) -> list[str]:
    """Return the distinct words that tell one statement from another, in order."""
    plain = unicodedata.normalize("NFKC", statement).casefold()
    found = dict.fromkeys(word[:_WORD_MAX] for word in _WORD.findall(plain))
    return [word for word in found if word not in _STOP_WORDS]


def terms_of(workspace: WorkspaceId, statement: str, services: Iterable[str]) -> list[str]:
    """Return what an assumption is found by: the words of its statement, and its services."""
    prefix = prefix_of(workspace)
    return [prefix + term for term in (*_stems_of(statement), *_service_terms(services))]


def _stems_of(statement: str) -> list[str]:
    return list(dict.fromkeys(stem(word) for word in words_of(statement)))


def _service_terms(services: Iterable[str]) -> list[str]:
    """Return a term for each service that no word of a text and no key can be equal to."""
    named = (unicodedata.normalize("NFKC", name).casefold() for name in services)
    found = (".".join(_WORD.findall(name))[:_WORD_MAX] for name in named)
    return list(dict.fromkeys(f".s.{name}" for name in found if name))


def prefix_of(workspace: WorkspaceId) -> str:
    """Return what stands before each of the workspace's words; it ends where no word can begin."""
    name = workspace.lower()
    return f"{name}." if name.isascii() and name.isalnum() else f".{name.encode().hex()}."


def sqlite_words(
    workspace: WorkspaceId, key: AssumptionKey, statement: str, services: Iterable[str]
) -> str:
    """Return the text that SQLite indexes: a word for the key, by which the row is found again."""
    return " ".join([_key_word(workspace, key), *terms_of(workspace, statement, services)])


def _key_word(workspace: WorkspaceId, key: AssumptionKey) -> str:
    return f"{prefix_of(workspace)}.{key.project.lower()}.{key.number}"


def put(
    tx: Connection,
    workspace: WorkspaceId,
    key: AssumptionKey,
    statement: str,
    services: Iterable[str],
) -> None:
    """Let the assumption be found by the words of `statement` and its services, and no others."""
    named = {"workspace": workspace, "assumption": str(key)}
    if tx.dialect.name == "postgresql":
        tx.execute(_PG_PUT, {**named, "words": terms_of(workspace, statement, services)})
        return
    tx.execute(_SQLITE_FORGET, {**named, "query": f'"{_key_word(workspace, key)}"'})
    words_ = sqlite_words(workspace, key, statement, services)
    tx.exec_driver_sql(SQLITE_ADD, (words_, workspace, str(key)))


def find(
    tx: Connection,
    workspace: WorkspaceId,
    statement: str,
    *,
    limit: int,
    services: Iterable[str] = (),
    open_in: str | None = None,
    many: int | None = None,
) -> list[str]:
    """Return the keys of those that share words or services, best first, ties by key.

    Rare words weigh more; those that more than `many` assumptions of the workspace have are left
    out, unless all are so common. The longer the query, the fewer are many. The order is the
    same on both engines.

    Args:
        tx: The transaction.
        workspace: Where to look.
        statement: Any text; its first 64 words count.
        limit: How many, at most.
        services: Names of services.
        open_in: A project's key: only its open assumptions.
        many: See above; None is what keeps the whole query fast, 1,000 for 30 words.
    """
    stems, named = _stems_of(statement)[:_QUERY_MAX], _service_terms(services)[:_SERVICES_MAX]
    terms = [prefix_of(workspace) + term for term in (*stems, *named)]
    if not terms:
        return []
    many = _LOOKED_UP // len(terms) if many is None else many
    wanted: dict[str, object] = {"workspace": workspace, "limit": limit, "many": many}
    if open_in is not None:
        wanted["project"] = open_in
    found = _look_up(tx, terms, wanted)
    if not found and many < _ALL:
        found = _look_up(tx, terms, wanted | {"many": _ALL})
    return found


def _look_up(tx: Connection, terms: Sequence[str], wanted: dict[str, object]) -> list[str]:
    is_similar = "project" in wanted
    if tx.dialect.name == "postgresql":
        rows = tx.execute(_PG_FIND[is_similar], {**wanted, "words": list(terms)})
        return [row.assumption for row in rows]
    words = {f"word{number}": f'"{term}"' for number, term in enumerate(terms)}
    find_ = _sqlite_find(len(terms), is_similar=is_similar)
    return [row.assumption for row in tx.execute(find_, wanted | words)]
