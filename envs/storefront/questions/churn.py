"""Questions about churn scores, the customers behind them, and how they turned out."""

from envs.storefront.definitions import ACTIVE, LATEST
from envs.storefront.family import Family
from envs.storefront.slots import REGION, cross, each

SCORED = each("day", "2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30", "2025-05-31")
BAND = each("band", "low", "medium", "high")
TRAIT = [{"column": "loyalty_tier", "trait": "loyalty tier"}, {"column": "region", "trait": "region"}]

FAMILIES = [
    Family(
        name="scores above a probability",
        difficulty="easy",
        take=7,
        phrasings=(
            "Which customers scored on {day} have a churn probability above {p}? Show customer id and probability, "
            "highest first, ties by customer id.",
            "List customer id and churn probability for scores of {day} greater than {p}, from the highest down, then "
            "by customer id.",
        ),
        sql="""SELECT customer_id, churn_probability FROM churn_predictions
            WHERE scored_on = DATE '{day}' AND churn_probability > {p}
            ORDER BY churn_probability DESC, customer_id""",
        slots=cross(SCORED, each("p", "0.50", "0.60", "0.75")),
    ),
    Family(
        name="risk bands of a scoring",
        difficulty="easy",
        take=5,
        phrasings=(
            "How many customers fell into each risk band in the scoring of {day}? Show risk band and count, by risk "
            "band alphabetically.",
            "Count the churn scores dated {day} per risk band: band and customers, sorted by band name.",
        ),
        sql="""SELECT risk_band, COUNT(*) AS customers FROM churn_predictions WHERE scored_on = DATE '{day}'
            GROUP BY risk_band ORDER BY risk_band""",
        slots=SCORED,
    ),
    Family(
        name="latest score of each customer",
        difficulty="hard",
        take=4,
        phrasings=(
            "What is the latest churn probability of each scored customer in the {region} region? Show customer id, "
            "scoring date and probability, by customer id.",
            "For every {region} customer with a churn score, give customer id, date and probability of the most recent "
            "score, ordered by customer id.",
        ),
        sql="""SELECT DISTINCT ON (c.customer_id) c.customer_id, h.scored_on, h.churn_probability
            FROM customers c JOIN churn_predictions h ON h.customer_id = c.customer_id
            WHERE c.region = '{region}' ORDER BY c.customer_id, h.scored_on DESC""",
        slots=REGION,
        evidence=LATEST,
    ),
    Family(
        name="average probability by trait",
        difficulty="medium",
        take=7,
        phrasings=(
            "What is the average churn probability per {trait} of the customer in the scoring of {day}? Skip customers "
            "without a {trait}; show {trait} and average rounded to 3 decimals, ordered by {trait}.",
            "Average the churn probabilities of {day} by the customer's {trait}, known ones only: {trait} and "
            "average (3 decimals), sorted by {trait}.",
        ),
        sql="""SELECT c.{column}, ROUND(AVG(h.churn_probability), 3) AS average FROM churn_predictions h
            JOIN customers c ON c.customer_id = h.customer_id
            WHERE h.scored_on = DATE '{day}' AND c.{column} IS NOT NULL
            GROUP BY c.{column} ORDER BY c.{column}""",
        slots=cross(SCORED, TRAIT),
    ),
    Family(
        name="riskiest customers of a scoring",
        difficulty="medium",
        take=8,
        phrasings=(
            "Who were the {n} customers most likely to churn in the scoring of {day}? Show customer id, full name and "
            "churn probability, highest first, ties by customer id.",
            "Give id, full name and churn probability of the top {n} customers by churn probability scored on {day}; "
            "break ties by customer id.",
        ),
        sql="""SELECT c.customer_id, c.full_name, h.churn_probability FROM churn_predictions h
            JOIN customers c ON c.customer_id = h.customer_id WHERE h.scored_on = DATE '{day}'
            ORDER BY h.churn_probability DESC, c.customer_id LIMIT {n}""",
        slots=cross(SCORED, each("n", 3, 5, 8)),
    ),
    Family(
        name="main reasons",
        difficulty="medium",
        take=6,
        phrasings=(
            "Which main reasons does the scoring of {day} give for customers in the {band} risk band? Show reason and "
            "number of scores, most frequent first, ties by reason, without missing reasons.",
            "Count the known main reasons among the {band}-risk scores of {day}: reason and scores, by count "
            "descending, then reason.",
        ),
        sql="""SELECT main_reason, COUNT(*) AS scores FROM churn_predictions
            WHERE scored_on = DATE '{day}' AND risk_band = '{band}' AND main_reason IS NOT NULL
            GROUP BY main_reason ORDER BY scores DESC, main_reason""",
        slots=cross(SCORED, BAND[1:]),
    ),
    Family(
        name="share that churned",
        difficulty="hard",
        take=6,
        phrasings=(
            "Of the {band}-risk scores made on {day} with a known outcome, what percentage churned, to 1 decimal?",
            "What percent of the {band}-risk scores of {day} whose outcome is known ended in churn, to 1 decimal?",
        ),
        sql="""SELECT ROUND(100.0 * COUNT(*) FILTER (WHERE did_churn) / COUNT(*), 1) AS percent_churned
            FROM churn_predictions WHERE scored_on = DATE '{day}' AND risk_band = '{band}'
            AND did_churn IS NOT NULL""",
        slots=cross(SCORED[:3], BAND[1:]),
    ),
    Family(
        name="customers never scored",
        difficulty="medium",
        take=2,
        home="validation",
        phrasings=("How many customers in the {region} region have no churn score at all?",),
        sql="""SELECT COUNT(*) FROM customers c LEFT JOIN churn_predictions h ON h.customer_id = c.customer_id
            WHERE c.region = '{region}' AND h.churn_id IS NULL""",
        slots=REGION,
    ),
    Family(
        name="probability on the rise",
        difficulty="hard",
        take=3,
        home="test",
        phrasings=(
            "Whose latest churn probability is more than {p} above their earliest one? Show customer id, earliest and "
            "latest probability, by customer id.",
        ),
        sql="""WITH ranked AS (SELECT customer_id, churn_probability,
            ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY scored_on) AS early,
            ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY scored_on DESC) AS late FROM churn_predictions)
            SELECT a.customer_id, a.churn_probability AS earliest, b.churn_probability AS latest
            FROM ranked a JOIN ranked b ON b.customer_id = a.customer_id AND b.late = 1
            WHERE a.early = 1 AND b.churn_probability - a.churn_probability > {p} ORDER BY a.customer_id""",
        slots=each("p", "0.10", "0.20", "0.30", "0.40"),
        evidence=LATEST,
    ),
    Family(
        name="subscribers at risk",
        difficulty="hard",
        take=2,
        home="test",
        phrasings=(
            "Which customers with a subscription active on 2025-06-30 were scored as {band} risk at least once "
            "after 2025-03-31? Show each customer id once, in order.",
        ),
        sql="""SELECT DISTINCT s.customer_id FROM subscriptions s
            JOIN churn_predictions h ON h.customer_id = s.customer_id
            WHERE {active} AND h.risk_band = '{band}' AND h.scored_on > DATE '2025-03-31'
            ORDER BY s.customer_id""",
        slots=cross(BAND[1:], each("day", "2025-06-30")),
        evidence=ACTIVE,
    ),
]
