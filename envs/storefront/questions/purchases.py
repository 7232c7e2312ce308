"""Single-table questions about `orders` and `order_items`."""

from envs.storefront.family import Family
from envs.storefront.slots import CHANNEL, MONTHS, STATUS, cross, each

FAMILIES = [
    Family(
        name="orders by status and channel",
        difficulty="easy",
        take=7,
        phrasings=(
            "How many {status} orders were placed {via}?",
            "Count the orders placed {via} whose status is {status}.",
        ),
        sql="SELECT COUNT(*) FROM orders WHERE status = '{status}' AND channel = '{channel}'",
        slots=cross(STATUS[:2] + STATUS[3:], CHANNEL),
    ),
    Family(
        name="coupons used in a month",
        difficulty="medium",
        take=6,
        phrasings=(
            "Which coupon codes were used on orders placed {via} in {month}? Skip missing and blank codes, list each "
            "once, in alphabetical order.",
            "Show the distinct coupon codes on orders placed {via} in {month}, alphabetically, leaving out missing or "
            "blank ones.",
        ),
        sql="""SELECT DISTINCT coupon_code FROM orders WHERE channel = '{channel}' AND coupon_code <> ''
            AND placed_at >= DATE '{start}' AND placed_at < DATE '{end}' ORDER BY coupon_code""",
        slots=cross(CHANNEL[:2], MONTHS),
    ),
    Family(
        name="average shipping fee",
        difficulty="easy",
        take=6,
        phrasings=(
            "What is the average shipping fee of {status} orders placed {via}, rounded to 2 decimals?",
            "Average the shipping fee over all {status} orders that came in {via}; round to 2 decimals.",
        ),
        sql="""SELECT ROUND(AVG(shipping_fee), 2) FROM orders WHERE status = '{status}' AND channel = '{channel}'""",
        slots=cross(each("status", "completed", "shipped", "cancelled", "refunded"), CHANNEL[:2] + CHANNEL[3:]),
    ),
    Family(
        name="parcels not delivered",
        difficulty="medium",
        take=6,
        phrasings=(
            "Which shipped orders placed before {day} have no delivery date? Show order id and when they were placed, "
            "oldest first, then by order id.",
            "List order id and placement time of orders with status shipped, placed before {day}, that still have no "
            "delivery date; sort by placement time and order id.",
        ),
        sql="""SELECT order_id, placed_at FROM orders WHERE status = 'shipped' AND delivered_on IS NULL
            AND placed_at < DATE '{day}' ORDER BY placed_at, order_id""",
        slots=each("day", "2024-03-01", "2024-05-15", "2024-07-01", "2024-09-15", "2024-12-01", "2025-02-15"),
    ),
    Family(
        name="orders by status in a month",
        difficulty="easy",
        take=7,
        phrasings=(
            "How many orders of each status were placed in {month}? Return status and count, ordered by status.",
            "Break down the orders placed in {month} by status: status and number of orders, alphabetically by status.",
        ),
        sql="""SELECT status, COUNT(*) AS orders FROM orders
            WHERE placed_at >= DATE '{start}' AND placed_at < DATE '{end}' GROUP BY status ORDER BY status""",
        slots=MONTHS,
    ),
    Family(
        name="big discounted lines",
        difficulty="easy",
        take=6,
        phrasings=(
            "How many order lines have a quantity of at least {n} and a discount of {percent}% or more?",
            "Count the order items with {n} or more units that were discounted by at least {percent}%.",
        ),
        sql="SELECT COUNT(*) FROM order_items WHERE quantity >= {n} AND discount >= 0.{percent}",
        slots=cross(each("n", 2, 3, 4), each("percent", 10, 15, 20)),
    ),
    Family(
        name="weekend orders",
        difficulty="medium",
        take=5,
        home="test",
        phrasings=(
            "How many {status} orders were placed on a Saturday or Sunday?",
            "Count the weekend orders (Saturday and Sunday) whose status is {status}.",
        ),
        sql="""SELECT COUNT(*) FROM orders WHERE status = '{status}' AND EXTRACT(ISODOW FROM placed_at) IN (6, 7)""",
        slots=STATUS,
    ),
]
