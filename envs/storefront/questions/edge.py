"""Edge cases: NULLs, blanks, empty sets, divisions by zero, leap days. One question a family."""

from envs.storefront.family import Family

FAMILIES = [
    Family(
        name="cost known or not",
        difficulty="medium",
        take=1,
        phrasings=(
            "In one row: how many products are there, how many have a known unit cost, and what is the average of the "
            "known unit costs, rounded to 2 decimals?",
        ),
        sql="""SELECT COUNT(*) AS products, COUNT(unit_cost) AS with_cost, ROUND(AVG(unit_cost), 2) AS average_cost
            FROM products""",
        slots=[{}],
    ),
    Family(
        name="regions with unknown",
        difficulty="medium",
        take=1,
        phrasings=(
            "How many customers are there per region, with customers lacking a region counted under 'Unknown'? Show "
            "region and count, by region.",
        ),
        sql="""SELECT COALESCE(region, 'Unknown') AS region_name, COUNT(*) AS customers FROM customers
            GROUP BY 1 ORDER BY 1""",
        slots=[{}],
    ),
    Family(
        name="never a referrer",
        difficulty="hard",
        take=1,
        phrasings=("How many customers have never referred another customer?",),
        sql="""SELECT COUNT(*) FROM customers c
            WHERE NOT EXISTS (SELECT 1 FROM customers r WHERE r.referred_by = c.customer_id)""",
        slots=[{}],
    ),
    Family(
        name="a month before the shop",
        difficulty="medium",
        take=1,
        home="test",
        phrasings=(
            "How many orders were placed in October 2023, and what were their shipping fees in total? Show both in "
            "one row, with 0 and not NULL where there is nothing.",
        ),
        sql="""SELECT COUNT(*) AS orders, COALESCE(SUM(shipping_fee), 0) AS fees FROM orders
            WHERE placed_at >= DATE '2023-10-01' AND placed_at < DATE '2023-11-01'""",
        slots=[{}],
    ),
    Family(
        name="no coupon at all",
        difficulty="medium",
        take=1,
        phrasings=("How many orders used no coupon? Treat a blank coupon code as no coupon.",),
        sql="SELECT COUNT(*) FROM orders WHERE NULLIF(coupon_code, '') IS NULL",
        slots=[{}],
    ),
    Family(
        name="return rate of a fortnight",
        difficulty="hard",
        take=1,
        home="test",
        phrasings=(
            "For every Outdoor product, what percentage of the units ordered from 1 to 14 May 2024 (any order status) "
            "was returned? Show name and percentage rounded to 1 decimal, NULL for products not ordered then, by "
            "name.",
        ),
        sql="""SELECT p.name, ROUND(100.0 * SUM(t.returned_quantity) / NULLIF(SUM(t.quantity), 0), 1) AS percent
            FROM products p LEFT JOIN (SELECT i.product_id, i.quantity, i.returned_quantity FROM {lines}
            WHERE o.placed_at >= DATE '2024-05-01' AND o.placed_at < DATE '2024-05-15') t ON t.product_id = p.product_id
            WHERE p.category = 'Outdoor' GROUP BY p.name ORDER BY p.name""",
        slots=[{}],
    ),
    Family(
        name="shared mailboxes",
        difficulty="hard",
        take=1,
        home="validation",
        phrasings=(
            "Which email addresses are shared by more than one customer if case is ignored? Show the address in lower "
            "case and the number of customers, by address; missing addresses do not count.",
        ),
        sql="""SELECT LOWER(email) AS address, COUNT(*) AS customers FROM customers WHERE email IS NOT NULL
            GROUP BY 1 HAVING COUNT(*) > 1 ORDER BY 1""",
        slots=[{}],
    ),
    Family(
        name="leap day",
        difficulty="easy",
        take=1,
        phrasings=("List the id and status of every order placed on 29 February 2024, by order id.",),
        sql="""SELECT order_id, status FROM orders
            WHERE placed_at >= DATE '2024-02-29' AND placed_at < DATE '2024-03-01' ORDER BY order_id""",
        slots=[{}],
    ),
    Family(
        name="consent not given",
        difficulty="medium",
        take=1,
        phrasings=(
            "How many customers may we not send marketing to? Anyone who has not opted in counts, missing answers "
            "included.",
        ),
        sql="SELECT COUNT(*) FROM customers WHERE marketing_opt_in IS NOT TRUE",
        slots=[{}],
    ),
    Family(
        name="prediction against outcome",
        difficulty="hard",
        take=1,
        phrasings=(
            "How many churn scores turned out wrong? A score is wrong if its outcome is known and differs from whether "
            "the probability was 0.5 or more. Show the wrong ones, the right ones and those with unknown outcome, in "
            "one row.",
        ),
        sql="""SELECT COUNT(*) FILTER (WHERE did_churn <> (churn_probability >= 0.5)) AS wrong,
            COUNT(*) FILTER (WHERE did_churn = (churn_probability >= 0.5)) AS correct,
            COUNT(*) FILTER (WHERE did_churn IS NULL) AS unknown FROM churn_predictions""",
        slots=[{}],
    ),
]
