"""When a person works: their zone from Slack, public holidays by their zone's country."""

from datetime import date
from functools import cache, lru_cache
from importlib import resources

from bot.domain.member import Member, WorkingTime


def working_time_of(member: Member, *, around: date) -> WorkingTime:
    """Return when `member` may be asked, with the public holidays of the years about `around`."""
    country = _country_of_zone().get(member.zone.key)
    return WorkingTime(
        zone=member.zone,
        holidays=_holidays(country, around.year) if country else frozenset(),
    )


@cache
def _country_of_zone() -> dict[str, str]:
    """Map each IANA zone that lies in one country to its ISO 3166 code, from the pinned tzdata.

    The zone is a better witness than the locale: Slack says en-US of most people anywhere.
    """
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


@lru_cache(maxsize=512)
def _holidays(country: str, year: int) -> frozenset[date]:
    """Return the public holidays from `year` to the end of the next; empty for a country not known.

    The library is imported here since it costs a start 40 ms that most commands do not need.
    """
    from holidays import country_holidays  # noqa: PLC0415

    try:
        found = country_holidays(country, years=(year, year + 1))
    except NotImplementedError:
        return frozenset()
    return frozenset(found)
