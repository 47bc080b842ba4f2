"""Compares what was wanted with what Slack took and with what the outbox says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from bot.domain.outbox import MessageKey, MessageState
from tests.chaos.slack import Post


@dataclass(frozen=True, slots=True)
class Recorded:
    """What the outbox says of a message."""

    state: MessageState
    ts: str | None

    @property
    def is_sent(self) -> bool:
        """Whether it knows where Slack shows it; it may be about to be drawn anew there."""
        return self.ts is not None and self.state is not MessageState.DEAD


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
    sent = {key for key, row in outbox.items() if row.is_sent}
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
