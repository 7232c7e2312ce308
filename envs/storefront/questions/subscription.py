"""Questions about subscriptions: who holds them, what they bring in every month, why they end."""

from envs.storefront.definitions import ACTIVE, MRR
from envs.storefront.family import Family
from envs.storefront.slots import HALVES, PERIOD, PLAN, QUARTERS, REGION, cross, each, month_ends

DAY = month_ends((2024, 5), (2025, 6))
TODAY = each("day", "2025-06-30")

FAMILIES = [
    Family(
        name="active per plan",
        difficulty="medium",
        take=7,
        phrasings=(
            "How many subscriptions of each plan were active on {day}? Show plan and count, by plan.",
            "Count the active subscriptions per plan as of {day}: plan and number, ordered by plan.",
        ),
        sql="SELECT s.plan, COUNT(*) AS active FROM subscriptions s WHERE {active} GROUP BY s.plan ORDER BY s.plan",
        slots=DAY,
        evidence=ACTIVE,
    ),
    Family(
        name="recurring revenue",
        difficulty="medium",
        take=7,
        phrasings=(
            "What was our monthly recurring revenue on {day}?",
            "Compute the MRR as of {day}, all plans together.",
        ),
        sql="SELECT SUM(s.monthly_fee) AS mrr FROM subscriptions s WHERE {active}",
        slots=DAY,
        evidence=MRR,
    ),
    Family(
        name="starts of a plan",
        difficulty="easy",
        take=6,
        phrasings=(
            "How many {plan} subscriptions started in {half}?",
            "Count the {plan} subscriptions with a start date in {half}.",
        ),
        sql="""SELECT COUNT(*) FROM subscriptions
            WHERE plan = '{plan}' AND started_on >= DATE '{start}' AND started_on < DATE '{end}'""",
        slots=cross(PLAN, HALVES),
    ),
    Family(
        name="cancel reasons",
        difficulty="medium",
        take=4,
        phrasings=(
            "Why did subscriptions end in {quarter}? Show cancel reason and count, most common first, ties by reason; "
            "count missing reasons as 'unknown'.",
            "For subscriptions that ended in {quarter}, count them by cancel reason, with 'unknown' where none is "
            "given: reason and count, by count descending then reason.",
        ),
        sql="""SELECT COALESCE(cancel_reason, 'unknown') AS reason, COUNT(*) AS ended FROM subscriptions
            WHERE ended_on >= DATE '{start}' AND ended_on < DATE '{end}' GROUP BY 1 ORDER BY ended DESC, reason""",
        slots=QUARTERS[1:],
    ),
    Family(
        name="average lifetime",
        difficulty="medium",
        take=5,
        phrasings=(
            "How many days had the {plan} subscriptions that ended in {half} lasted on average, to 2 decimals?",
            "Average lifetime in days, start to end date, of {plan} subscriptions that ended in {half}; 2 decimals.",
        ),
        sql="""SELECT ROUND(AVG(ended_on - started_on), 2) AS days FROM subscriptions
            WHERE plan = '{plan}' AND ended_on >= DATE '{start}' AND ended_on < DATE '{end}'""",
        slots=cross(PLAN, HALVES),
    ),
    Family(
        name="holders of several",
        difficulty="hard",
        take=5,
        phrasings=(
            "Which customers had more than one subscription active on {day}? Show customer id and number of active "
            "subscriptions, by customer id.",
            "Find customers holding at least two active subscriptions on {day}: customer id and how many, sorted by "
            "customer id.",
        ),
        sql="""SELECT s.customer_id, COUNT(*) AS active FROM subscriptions s WHERE {active}
            GROUP BY s.customer_id HAVING COUNT(*) > 1 ORDER BY s.customer_id""",
        slots=DAY[4:],
        evidence=ACTIVE,
    ),
    Family(
        name="subscribers of a plan in a region",
        difficulty="medium",
        take=5,
        phrasings=(
            "List the {plan} subscriptions of customers in the {region} region that are active today, 2025-06-30: "
            "subscription id, full name and start date, by subscription id.",
            "Today is 2025-06-30. Which active {plan} subscriptions do our {region} customers hold? Show subscription "
            "id, customer's full name and start date, ordered by subscription id.",
        ),
        sql="""SELECT s.subscription_id, c.full_name, s.started_on FROM subscriptions s
            JOIN customers c ON c.customer_id = s.customer_id
            WHERE c.region = '{region}' AND s.plan = '{plan}' AND {active} ORDER BY s.subscription_id""",
        slots=cross(REGION, PLAN, TODAY),
        evidence=ACTIVE,
    ),
    Family(
        name="not renewing",
        difficulty="easy",
        take=4,
        phrasings=(
            "Which {period} {plan} subscriptions without an end date will not renew automatically? Show subscription "
            "id and start date, by start date and subscription id.",
            "List id and start date of {plan} subscriptions with {period} billing, no end date and auto-renew off, "
            "oldest start first, then by id.",
        ),
        sql="""SELECT subscription_id, started_on FROM subscriptions WHERE plan = '{plan}'
            AND billing_period = '{period}' AND ended_on IS NULL AND NOT auto_renew
            ORDER BY started_on, subscription_id""",
        slots=cross(PLAN, PERIOD[:1]) + cross(PLAN[1:], PERIOD[1:]),
    ),
    Family(
        name="longest running",
        difficulty="medium",
        take=2,
        home="validation",
        phrasings=(
            "Which {n} subscriptions without an end date have been running longest on 2025-06-30? Show subscription id "
            "and days since the start, longest first, ties by subscription id.",
        ),
        sql="""SELECT subscription_id, DATE '2025-06-30' - started_on AS days FROM subscriptions
            WHERE ended_on IS NULL ORDER BY days DESC, subscription_id LIMIT {n}""",
        slots=each("n", 4, 6, 9),
    ),
    Family(
        name="recurring revenue by region",
        difficulty="hard",
        take=3,
        home="test",
        phrasings=(
            "Show the monthly recurring revenue on {day} by customer region, customers without a region left out: "
            "region and MRR, highest first.",
        ),
        sql="""SELECT c.region, SUM(s.monthly_fee) AS mrr FROM subscriptions s
            JOIN customers c ON c.customer_id = s.customer_id WHERE {active} AND c.region IS NOT NULL
            GROUP BY c.region ORDER BY mrr DESC, c.region""",
        slots=DAY[6:],
        evidence=MRR,
    ),
    Family(
        name="overlapping pairs",
        difficulty="hard",
        take=2,
        home="test",
        phrasings=(
            "Which pairs of subscriptions of the same customer, the one with the lower id being {plan}, overlapped in "
            "time by at least one day? Show customer id, lower and higher subscription id, ordered by these three.",
        ),
        sql="""SELECT a.customer_id, a.subscription_id AS lower_id, b.subscription_id AS higher_id
            FROM subscriptions a JOIN subscriptions b ON b.customer_id = a.customer_id
            AND b.subscription_id > a.subscription_id WHERE a.plan = '{plan}'
            AND (a.ended_on IS NULL OR b.started_on < a.ended_on) AND (b.ended_on IS NULL OR a.started_on < b.ended_on)
            ORDER BY a.customer_id, lower_id, higher_id""",
        slots=PLAN[:2],
        evidence="ended_on is the first day without service, so a subscription covers started_on up to the day before.",
    ),
]
