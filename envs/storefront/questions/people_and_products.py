"""Single-table questions about `customers` and `products`."""

from envs.storefront.family import Family
from envs.storefront.places import MAIL_DOMAINS
from envs.storefront.slots import CATEGORY, REGION, STATE, cross, each, months

BANDS = [
    {"category": category, "low": low, "high": high}
    for category, low, high in (
        ("Coffee", "17", "25"),
        ("Tea", "12", "28"),
        ("Kitchen", "30", "50"),
        ("Home", "30", "60"),
        ("Outdoor", "30", "60"),
        ("Wellness", "15", "30"),
    )
]
"""Price bands that split each category into three filled parts."""

FAMILIES = [
    Family(
        name="customers of a state",
        difficulty="easy",
        take=7,
        phrasings=(
            "List the customer id, full name and city of every customer in {state_name}, ordered by customer id.",
            "Who are our customers in {state_name}? Show customer id, full name and city, sorted by customer id.",
            "Give me id, name and city of all {state_name} customers, lowest customer id first.",
        ),
        sql="SELECT customer_id, full_name, city FROM customers WHERE state = '{state}' ORDER BY customer_id",
        slots=STATE,
    ),
    Family(
        name="signups in a month",
        difficulty="easy",
        take=7,
        phrasings=(
            "How many customers signed up in {month}?",
            "Count the customers whose signup date falls in {month}.",
        ),
        sql="""SELECT COUNT(*) FROM customers WHERE signup_date >= DATE '{start}' AND signup_date < DATE '{end}'""",
        slots=months((2023, 9), (2025, 5)),
    ),
    Family(
        name="products above a price",
        difficulty="easy",
        take=7,
        phrasings=(
            "Which {category} products have a list price above ${price}? Show name and list price, most expensive "
            "first, equal prices by name.",
            "Show the name and list price of {category} products that cost more than ${price} today, from the highest "
            "price down; sort equal prices by name.",
        ),
        sql="""SELECT name, list_price FROM products WHERE category = '{category}' AND list_price > {price}
            ORDER BY list_price DESC, name""",
        slots=cross(CATEGORY, each("price", 15, 24, 28)),
    ),
    Family(
        name="dearest products",
        difficulty="easy",
        take=6,
        phrasings=(
            "What are the {n} most expensive {category} products by list price? Return name and list price, highest "
            "first; break ties by name.",
            "Name the top {n} {category} products by list price, with the price. Highest price first, ties in "
            "alphabetical order of name.",
        ),
        sql="""SELECT name, list_price FROM products WHERE category = '{category}'
            ORDER BY list_price DESC, name LIMIT {n}""",
        slots=cross(CATEGORY, each("n", 2, 3, 4)),
    ),
    Family(
        name="customers without a tier",
        difficulty="easy",
        take=4,
        phrasings=(
            "How many customers in the {region} region have no loyalty tier?",
            "Count the {region} customers whose loyalty tier is missing.",
        ),
        sql="SELECT COUNT(*) FROM customers WHERE region = '{region}' AND loyalty_tier IS NULL",
        slots=REGION,
    ),
    Family(
        name="mailboxes at a domain",
        difficulty="medium",
        take=5,
        phrasings=(
            "How many customers have an email address at {domain}? Ignore upper and lower case.",
            "Count the customers whose email ends in @{domain}, whatever its case.",
        ),
        sql="SELECT COUNT(*) FROM customers WHERE email ILIKE '%@{domain}'",
        slots=each("domain", *MAIL_DOMAINS),
    ),
    Family(
        name="low stock",
        difficulty="easy",
        take=6,
        phrasings=(
            "Which products that are not discontinued have fewer than {n} units in stock? Show product id, name and "
            "stock on hand, lowest stock first, then by product id.",
            "List product id, name and stock on hand of products still sold (no discontinuation date) with stock below "
            "{n}, by stock ascending and product id.",
        ),
        sql="""SELECT product_id, name, stock_on_hand FROM products
            WHERE discontinued_on IS NULL AND stock_on_hand < {n} ORDER BY stock_on_hand, product_id""",
        slots=each("n", 25, 50, 65, 80, 100, 120, 150),
    ),
    Family(
        name="unit margin",
        difficulty="medium",
        take=6,
        phrasings=(
            "For the {category} products with a known unit cost, show name and margin (list price minus unit cost), "
            "largest margin first, ties by name.",
            "What does each {category} product earn per unit, list price less unit cost? Skip unknown costs; return "
            "name and margin from the largest down, then by name.",
        ),
        sql="""SELECT name, list_price - unit_cost AS margin FROM products
            WHERE category = '{category}' AND unit_cost IS NOT NULL ORDER BY margin DESC, name""",
        slots=CATEGORY,
    ),
    Family(
        name="customers by state of a region",
        difficulty="medium",
        take=4,
        home="validation",
        phrasings=(
            "How many customers does each state of the {region} region have? Show state and number of customers, "
            "largest first, ties by state.",
        ),
        sql="""SELECT state, COUNT(*) AS customers FROM customers WHERE region = '{region}'
            GROUP BY state ORDER BY customers DESC, state""",
        slots=REGION,
    ),
    Family(
        name="price bands",
        difficulty="medium",
        take=5,
        home="test",
        phrasings=(
            "In one row, how many {category} products have a list price under ${low}, from ${low} to under "
            "${high}, and ${high} or more? Return the three counts in that order.",
            "Split the {category} products into list prices below ${low}, at least ${low} but below ${high}, and "
            "${high} upwards: return the three counts in one row.",
        ),
        sql="""SELECT COUNT(*) FILTER (WHERE list_price < {low}) AS low,
            COUNT(*) FILTER (WHERE list_price >= {low} AND list_price < {high}) AS middle,
            COUNT(*) FILTER (WHERE list_price >= {high}) AS high FROM products WHERE category = '{category}'""",
        slots=BANDS,
    ),
]
