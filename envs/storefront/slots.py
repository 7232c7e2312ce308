"""What fills the slots of a template: calendars, places, the shop's own words, and ways to combine them."""

from datetime import date, timedelta

from envs.storefront.catalogue import CATALOGUE, CATEGORIES
from envs.storefront.places import REGIONS, STATES

Binding = dict[str, str]

JAN_TO_JUN = ("January", "February", "March", "April", "May", "June")
MONTH_NAMES = (*JAN_TO_JUN, "July", "August", "September", "October", "November", "December")


def each(slot: str, *values: object) -> list[Binding]:
    """One binding for each value of one slot."""
    return [{slot: str(value)} for value in values]


def cross(*lists: list[Binding]) -> list[Binding]:
    """Every combination, one binding from each list."""
    combined: list[Binding] = [{}]
    for bindings in lists:
        combined = [left | right for left in combined for right in bindings]
    return combined


def _first_of(month: int) -> date:
    """The first day of a month counted from January of the year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _spans(first: tuple[int, int], last: tuple[int, int], months: int) -> list[tuple[date, date]]:
    """Whole periods of so many months, from the month `first` to the month `last`; the end is exclusive."""
    start, stop = (year * 12 + month - 1 for year, month in (first, last))
    return [(_first_of(at), _first_of(at + months)) for at in range(start, stop + 1, months)]


def months(first: tuple[int, int], last: tuple[int, int]) -> list[Binding]:
    """Slots {month} ("March 2025"), {start} and {end} (exclusive) for each month of a range."""
    return [
        {"month": f"{MONTH_NAMES[start.month - 1]} {start.year}", "start": str(start), "end": str(end)}
        for start, end in _spans(first, last, 1)
    ]


def quarters(first: tuple[int, int], last: tuple[int, int]) -> list[Binding]:
    """Slots {quarter} ("the first quarter of 2025"), {start} and {end} for each quarter from the month `first`."""
    ordinal = ("first", "second", "third", "fourth")
    return [
        {"quarter": f"the {ordinal[start.month // 3]} quarter of {start.year}", "start": str(start), "end": str(end)}
        for start, end in _spans(first, last, 3)
    ]


def month_ends(first: tuple[int, int], last: tuple[int, int]) -> list[Binding]:
    """Slot {day}: the last day of each month of a range."""
    return [{"day": str(end - timedelta(days=1))} for _, end in _spans(first, last, 1)]


MONTHS = months((2024, 1), (2025, 6))
QUARTERS = quarters((2024, 1), (2025, 4))
HALVES: list[Binding] = [
    {"half": "the first half of 2024", "start": "2024-01-01", "end": "2024-07-01"},
    {"half": "the second half of 2024", "start": "2024-07-01", "end": "2025-01-01"},
    {"half": "the first half of 2025", "start": "2025-01-01", "end": "2025-07-01"},
]
REGION = each("region", *REGIONS)
STATE: list[Binding] = [{"state": code, "state_name": name} for code, (name, _, _) in STATES.items()]
CATEGORY = each("category", *CATEGORIES)
PRODUCT = each("product", *(item.name for item in CATALOGUE))
CHANNEL: list[Binding] = [
    {"channel": "web", "via": "on the web"},
    {"channel": "mobile", "via": "in the mobile app"},
    {"channel": "store", "via": "in store"},
    {"channel": "phone", "via": "by phone"},
]
"""`channel` is the stored value, `via` how people say it."""
STATUS = each("status", "completed", "shipped", "pending", "cancelled", "refunded")
COUPON = each("coupon", "WELCOME10", "SPRING15", "VIP20", "FREESHIP")
PLAN = each("plan", "Basic", "Plus", "Pro")
PERIOD = each("period", "monthly", "annual")
