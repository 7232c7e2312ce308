"""Complex questions: several steps, each of which could be a question of its own."""

from envs.storefront.definitions import ACTIVE, COUNTED, LATEST, MRR, NET_REVENUE
from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, PLAN, QUARTERS, REGION, cross, each

SPENT = """WITH spent AS (SELECT o.customer_id, SUM({net}) AS revenue FROM {lines}
            WHERE {counted} GROUP BY o.customer_id)"""

FAMILIES = [
    Family(
        name="above the regional average",
        difficulty="hard",
        take=2,
        phrasings=(
            "Which {region} customers brought in more net revenue than the average {region} customer who has any "
            "counted order? Show customer id and net revenue (2 decimals), highest first, ties by customer id.",
        ),
        sql=SPENT
        + """, local AS (SELECT s.customer_id, s.revenue FROM spent s JOIN customers c
            ON c.customer_id = s.customer_id WHERE c.region = '{region}')
            SELECT customer_id, ROUND(revenue, 2) AS net_revenue FROM local
            WHERE revenue > (SELECT AVG(revenue) FROM local) ORDER BY net_revenue DESC, customer_id""",
        slots=REGION,
        evidence=f"{NET_REVENUE} {COUNTED}",
    ),
    Family(
        name="repeat buyers by signup quarter",
        difficulty="hard",
        take=2,
        phrasings=(
            "For customers who signed up in {quarter}, show how many there are, how many placed at least one counted "
            "order, and how many placed at least {n}: three numbers in one row.",
        ),
        sql="""SELECT COUNT(*) AS customers, COUNT(*) FILTER (WHERE t.orders >= 1) AS buyers,
            COUNT(*) FILTER (WHERE t.orders >= {n}) AS repeat_buyers FROM (SELECT c.customer_id,
            COUNT(o.order_id) AS orders FROM customers c
            LEFT JOIN orders o ON o.customer_id = c.customer_id AND {counted}
            WHERE c.signup_date >= DATE '{start}' AND c.signup_date < DATE '{end}' GROUP BY c.customer_id) t""",
        slots=cross(QUARTERS[:4], each("n", 2, 3)),
        evidence=COUNTED,
    ),
    Family(
        name="risky and valuable",
        difficulty="hard",
        take=2,
        phrasings=(
            "Which customers whose latest churn score is in the {band} risk band hold a subscription active on "
            "2025-06-30? Show customer id, latest probability and the total monthly fee of those subscriptions, by "
            "customer id.",
        ),
        sql="""WITH latest AS (SELECT DISTINCT ON (customer_id) customer_id, risk_band, churn_probability
            FROM churn_predictions ORDER BY customer_id, scored_on DESC)
            SELECT l.customer_id, l.churn_probability, SUM(s.monthly_fee) AS monthly_fee FROM latest l
            JOIN subscriptions s ON s.customer_id = l.customer_id WHERE l.risk_band = '{band}' AND {active}
            GROUP BY l.customer_id, l.churn_probability ORDER BY l.customer_id""",
        slots=cross(each("band", "low", "medium", "high"), each("day", "2025-06-30")),
        evidence=f"{LATEST} {ACTIVE}",
    ),
    Family(
        name="bought together",
        difficulty="hard",
        take=2,
        phrasings=(
            "Which pairs of different {category} products were on the same order at least twice, whatever the status? "
            "Show the two names with the alphabetically earlier first and the number of orders, most frequent first, "
            "then by the names.",
        ),
        sql="""SELECT p.name AS first_product, q.name AS second_product, COUNT(*) AS orders FROM order_items i
            JOIN order_items j ON j.order_id = i.order_id JOIN products p ON p.product_id = i.product_id
            JOIN products q ON q.product_id = j.product_id
            WHERE p.category = '{category}' AND q.category = '{category}' AND p.name < q.name GROUP BY p.name, q.name
            HAVING COUNT(*) >= 2 ORDER BY orders DESC, first_product, second_product""",
        slots=CATEGORY,
        evidence="No product appears twice on one order.",
    ),
    Family(
        name="first order soon after signup",
        difficulty="hard",
        take=2,
        phrasings=(
            "Per known region, how many customers placed their first order, of any status, within {n} days of their "
            "signup date (day {n} included)? Show region, such customers and all customers of the region, by region.",
        ),
        sql="""SELECT c.region, COUNT(*) FILTER (WHERE f.day - c.signup_date <= {n}) AS early, COUNT(*) AS customers
            FROM customers c LEFT JOIN (SELECT customer_id, MIN(placed_at)::date AS day FROM orders
            GROUP BY customer_id) f ON f.customer_id = c.customer_id
            WHERE c.region IS NOT NULL GROUP BY c.region ORDER BY c.region""",
        slots=each("n", 14, 30, 60),
    ),
    Family(
        name="recurring and order revenue",
        difficulty="hard",
        take=2,
        phrasings=(
            "For customers with a {plan} subscription active on 2025-06-30, show customer id, the MRR of their active "
            "{plan} subscriptions and their net revenue from all counted orders (2 decimals, 0 if none), by customer "
            "id.",
        ),
        sql=SPENT
        + """ SELECT s.customer_id, SUM(s.monthly_fee) AS mrr, ROUND(COALESCE(MAX(t.revenue), 0), 2) AS net_revenue
            FROM subscriptions s LEFT JOIN spent t ON t.customer_id = s.customer_id
            WHERE s.plan = '{plan}' AND {active} GROUP BY s.customer_id ORDER BY s.customer_id""",
        slots=cross(PLAN, each("day", "2025-06-30")),
        evidence=f"{MRR} {NET_REVENUE} {COUNTED}",
    ),
    Family(
        name="regional favourites",
        difficulty="hard",
        take=2,
        home="test",
        phrasings=(
            "Which {category} product sold the most units in each known region, cancelled and refunded orders aside? "
            "Show region, product name and units, by region; break ties by name.",
        ),
        sql="""SELECT DISTINCT ON (c.region) c.region, p.name, SUM(i.quantity) AS units FROM {lines}
            JOIN products p ON p.product_id = i.product_id JOIN customers c ON c.customer_id = o.customer_id
            WHERE p.category = '{category}' AND c.region IS NOT NULL AND o.status NOT IN ('cancelled', 'refunded')
            GROUP BY c.region, p.name ORDER BY c.region, units DESC, p.name""",
        slots=CATEGORY,
    ),
    Family(
        name="kept from one quarter to the next",
        difficulty="hard",
        take=1,
        home="test",
        phrasings=(
            "Of the customers with a counted order in the fourth quarter of 2024, what percentage also had one in the "
            "first quarter of 2025? Round to 1 decimal.",
        ),
        sql="""WITH earlier AS (SELECT DISTINCT o.customer_id FROM orders o WHERE {counted}
            AND o.placed_at >= DATE '2024-10-01' AND o.placed_at < DATE '2025-01-01'),
            later AS (SELECT DISTINCT o.customer_id FROM orders o WHERE {counted}
            AND o.placed_at >= DATE '2025-01-01' AND o.placed_at < DATE '2025-04-01')
            SELECT ROUND(100.0 * COUNT(a.customer_id) / COUNT(*), 1) AS percent_kept
            FROM earlier b LEFT JOIN later a ON a.customer_id = b.customer_id""",
        slots=[{}],
        evidence=COUNTED,
    ),
]
