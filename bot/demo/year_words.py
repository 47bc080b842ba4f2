"""What the sample projects rely on, and what goes wrong with it. All of it is made up."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.setback import SetbackKind
from bot.domain.validation import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    name: str  # "payments API", as it stands in a sentence after "the"
    services: tuple[str, ...] = ()

    @property
    def never_written(self) -> str:
        return f"Nobody changes the {self.name} while we depend on it"

    def evidence(self, answer: Answer) -> str:
        match answer:
            case Answer.HOLDS:
                return f"looked at the {self.name} this week"
            case Answer.FAILS:
                return f"the {self.name} works in another way"
            case Answer.UNSURE:
                return "it depends on which customers come first"

    def trouble(self, kind: SetbackKind) -> str:
        match kind:
            case SetbackKind.INCIDENT:
                return f"the {self.name} was down for customers"
            case SetbackKind.DELAY:
                return f"we waited for the {self.name}"
            case SetbackKind.BUG:
                return f"the {self.name} gave wrong results that nobody expected"
            case SetbackKind.SCOPE_CHANGE:
                return f"we left out what needed the {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectWords:
    name: str
    subjects: tuple[Subject, ...]

    def statements(self) -> Iterator[tuple[Subject, str]]:
        for subject in self.subjects:
            for claim in _CLAIMS:
                yield subject, f"The {subject.name} {claim}"


_CLAIMS = (
    "is ready before the cooldown",
    "carries twice the traffic of today",
    "stays as it is until the release",
    "is tested with real data",
    "needs nobody outside our team",
    "costs no more than we planned",
)

PROJECTS = {
    "APOLLO": ProjectWords(
        name="Apollo",
        subjects=(
            Subject(name="sign-up page", services=("web",)),
            Subject(name="translation of the help pages"),
            Subject(name="legal review of the terms"),
            Subject(name="import of old accounts", services=("accounts",)),
            Subject(name="mobile app release", services=("mobile",)),
            Subject(name="email provider", services=("mail",)),
            Subject(name="partner contract"),
            Subject(name="single sign-on", services=("accounts",)),
            Subject(name="launch campaign"),
        ),
    ),
    "PAY": ProjectWords(
        name="Payments",
        subjects=(
            Subject(name="payments API", services=("payments",)),
            Subject(name="card processor", services=("payments",)),
            Subject(name="refund flow", services=("checkout",)),
            Subject(name="invoice numbering", services=("billing",)),
            Subject(name="tax table", services=("billing",)),
            Subject(name="fraud check", services=("payments",)),
            Subject(name="currency conversion", services=("checkout",)),
            Subject(name="bank settlement file", services=("billing",)),
            Subject(name="checkout redesign", services=("checkout",)),
        ),
    ),
    "SEARCH": ProjectWords(
        name="Search",
        subjects=(
            Subject(name="product index", services=("search",)),
            Subject(name="synonym list", services=("search",)),
            Subject(name="ranking model", services=("ranking",)),
            Subject(name="query log"),
            Subject(name="crawler", services=("crawler",)),
            Subject(name="cluster upgrade", services=("search",)),
            Subject(name="spelling correction", services=("search",)),
            Subject(name="click tracking", services=("events",)),
            Subject(name="data licence"),
        ),
    ),
}
