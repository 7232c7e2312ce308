"""Questions about money beside net revenue: refunds, margins, discounts and shipping fees."""

from envs.storefront.definitions import COUNTED, NET_REVENUE
from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, HALVES, QUARTERS, cross

FAMILIES = [
    Family(
        name="refunded value",
        difficulty="medium",
        take=5,
        phrasings=(
            "What was the value of refunded orders placed in {quarter}, after discounts? Round to 2 decimals.",
            "How much were the orders of {quarter} with status refunded worth, net of discounts, to 2 decimals?",
        ),
        sql="""SELECT ROUND(SUM({net}), 2) AS refunded_value FROM {lines} WHERE o.status = 'refunded' AND {placed}""",
        slots=QUARTERS,
        evidence="The value of an order after discounts is the sum of quantity * unit_price * (1 - discount).",
    ),
    Family(
        name="gross margin by category",
        difficulty="hard",
        take=6,
        phrasings=(
            "What gross margin did each product category make in {quarter}? Use only products with a known unit cost; "
            "show category and gross margin (2 decimals), highest first.",
            "Rank categories by gross margin on orders of {quarter}, ignoring products without a unit cost: category, "
            "gross margin to 2 decimals, descending.",
        ),
        sql="""SELECT p.category, ROUND(SUM({net} - i.quantity * p.unit_cost), 2) AS gross_margin FROM {lines}
            JOIN products p ON p.product_id = i.product_id
            WHERE {counted} AND {placed} AND p.unit_cost IS NOT NULL
            GROUP BY p.category ORDER BY gross_margin DESC, p.category""",
        slots=QUARTERS,
        evidence=f"{NET_REVENUE} Gross margin is net revenue minus quantity * unit_cost.",
    ),
    Family(
        name="discounts given",
        difficulty="medium",
        take=5,
        phrasings=(
            "How much discount, in money, did we give on {category} products in counted orders of {half}? Round to 2 "
            "decimals.",
            "Add up quantity * unit_price * discount over the {category} lines of counted orders placed in {half}, to "
            "2 decimals.",
        ),
        sql="""SELECT ROUND(SUM(i.quantity * i.unit_price * i.discount), 2) AS discount_given FROM {lines}
            JOIN products p ON p.product_id = i.product_id
            WHERE {counted} AND p.category = '{category}' AND {placed}""",
        slots=cross(CATEGORY, HALVES),
        evidence=f"The discount of a line in money is quantity * unit_price * discount. {COUNTED}",
    ),
    Family(
        name="shipping fees by channel",
        difficulty="medium",
        take=3,
        home="validation",
        phrasings=(
            "How much did we collect in shipping fees per channel from counted orders placed in {quarter}? Show "
            "channel and total fee, by channel.",
        ),
        sql="""SELECT o.channel, SUM(o.shipping_fee) AS fees FROM orders o WHERE {counted} AND {placed}
            GROUP BY o.channel ORDER BY o.channel""",
        slots=QUARTERS,
        evidence=COUNTED,
    ),
]
