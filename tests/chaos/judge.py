"""Compares what was wanted with what Slack took and with what the outbox says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from bot.domain.outbox import MessageKey, MessageState
from tests.chaos.slack import Post, Update


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the outbox says of a message."""

    state: MessageState
    ts: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworded:
    """A message that was shown already and has to be drawn anew."""

    words: str  # what it says now
    at: float  # by time.monotonic; what Slack took before cannot show them


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    lost: frozenset[MessageKey]  # wanted, and Slack never took it, or the outbox does not know
    doubled: frozenset[MessageKey]  # shown again without a mark
    repeated: frozenset[MessageKey]  # shown once more, with a mark
    unwanted: frozenset[MessageKey]  # shown, and nobody decided it
    forged: frozenset[MessageKey]  # said to be sent, to a place where Slack has no such message

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unwanted or self.forged)


def judge(
    wanted: Set[MessageKey], posts: Iterable[Post], outbox: Mapping[MessageKey, Recorded]
) -> Verdict:
    taken: defaultdict[MessageKey, list[Post]] = defaultdict(list)
    for post in posts:
        taken[post.key].append(post)
    extra = {key: sorted(some, key=lambda post: post.at)[1:] for key, some in taken.items()}
    sent = {key for key, row in outbox.items() if row.state is MessageState.SENT}
    return Verdict(
        lost=frozenset(key for key in wanted if key not in taken or key not in sent),
        doubled=frozenset(
            key
            for key, some in extra.items()
            if len(some) > 1 or any(not post.is_marked for post in some)
        ),
        repeated=frozenset(
            key for key, some in extra.items() if len(some) == 1 and some[0].is_marked
        ),
        unwanted=frozenset(taken.keys() - wanted),
        forged=frozenset(
            key for key in sent if outbox[key].ts not in {post.ts for post in taken[key]}
        ),
    )


def outdated(
    reworded: Mapping[MessageKey, Reworded], posts: Iterable[Post], updates: Iterable[Update]
) -> frozenset[MessageKey]:
    """Those that Slack does not show as they are: drawn last too early, otherwise or elsewhere."""
    places = {(post.key, post.channel, post.ts) for post in posts}
    last = {update.key: update for update in sorted(updates, key=lambda update: update.at)}

    def is_shown(key: MessageKey, now: Reworded) -> bool:
        update = last.get(key)
        return (
            update is not None
            and (key, update.channel, update.ts) in places
            and update.at > now.at
            and now.words in update.shown
        )

    return frozenset(key for key, now in reworded.items() if not is_shown(key, now))
