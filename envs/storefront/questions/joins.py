"""Questions that need several tables, with inner, outer, anti and self joins."""

from envs.storefront.family import Family
from envs.storefront.slots import CATEGORY, CHANNEL, COUPON, MONTHS, PLAN, PRODUCT, QUARTERS, REGION, STATE, cross, each

FAMILIES = [
    Family(
        name="products of a customer",
        difficulty="medium",
        take=7,
        phrasings=(
            "Which products has customer {id} ordered, whatever the order's status? List each product name once, "
            "alphabetically.",
            "Show the distinct names of all products on orders of customer {id}, in alphabetical order, all statuses.",
        ),
        sql="""SELECT DISTINCT p.name FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE o.customer_id = {id} ORDER BY p.name""",
        slots=each("id", 1, 2, 3, 5, 6, 7, 9, 10, 12, 14),
    ),
    Family(
        name="buyers of a product",
        difficulty="medium",
        take=8,
        phrasings=(
            "Who has ordered {product}, not counting cancelled orders? Show customer id and full name once each, by "
            "customer id.",
            "List every customer (id, full name) with at least one order of {product} that was not cancelled, each "
            "once, sorted by customer id.",
        ),
        sql="""SELECT DISTINCT c.customer_id, c.full_name FROM customers c JOIN {lines} ON o.customer_id = c.customer_id
            JOIN products p ON p.product_id = i.product_id
            WHERE p.name = '{product}' AND o.status <> 'cancelled' ORDER BY c.customer_id""",
        slots=PRODUCT,
    ),
    Family(
        name="customers without orders",
        difficulty="medium",
        take=4,
        phrasings=(
            "Which customers in the {region} region have never placed an order? Show customer id and full name, by "
            "customer id.",
            "List id and full name of {region} customers with no orders at all, lowest id first.",
        ),
        sql="""SELECT c.customer_id, c.full_name FROM customers c LEFT JOIN orders o ON o.customer_id = c.customer_id
            WHERE c.region = '{region}' AND o.order_id IS NULL ORDER BY c.customer_id""",
        slots=REGION,
    ),
    Family(
        name="orders per customer of a state",
        difficulty="medium",
        take=8,
        phrasings=(
            "How many orders has each customer in {state_name} placed, including those with none? Show customer id, "
            "full name and order count, most orders first, ties by customer id.",
            "For every {state_name} customer give id, full name and number of orders (0 if none), sorted by number of "
            "orders descending and customer id.",
        ),
        sql="""SELECT c.customer_id, c.full_name, COUNT(o.order_id) AS orders
            FROM customers c LEFT JOIN orders o ON o.customer_id = c.customer_id WHERE c.state = '{state}'
            GROUP BY c.customer_id, c.full_name ORDER BY orders DESC, c.customer_id""",
        slots=STATE,
    ),
    Family(
        name="units per product in a quarter",
        difficulty="medium",
        take=8,
        phrasings=(
            "How many units of each {category} product were ordered in {quarter}, all statuses? Show product name and "
            "units, most units first, ties by name; leave out products with no orders.",
            "Total the quantities ordered of every {category} product in {quarter}, whatever the order status: name "
            "and units, by units descending then name, only products that were ordered.",
        ),
        sql="""SELECT p.name, SUM(i.quantity) AS units FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE p.category = '{category}' AND {placed} GROUP BY p.name ORDER BY units DESC, p.name""",
        slots=cross(CATEGORY, QUARTERS),
    ),
    Family(
        name="products nobody ordered in a month",
        difficulty="hard",
        take=6,
        phrasings=(
            "Which products were not on any order placed in {month}? List the names alphabetically.",
            "Show, in alphabetical order, the names of the products that nobody ordered in {month}.",
        ),
        sql="""SELECT p.name FROM products p WHERE NOT EXISTS (SELECT 1 FROM {lines}
            WHERE i.product_id = p.product_id AND {placed}) ORDER BY p.name""",
        slots=MONTHS[8:],
    ),
    Family(
        name="orders from a region by channel",
        difficulty="medium",
        take=7,
        phrasings=(
            "List the orders placed {via} in {month} by customers from the {region} region: order id, customer's full "
            "name and placement time, by order id.",
            "Show order id, full name of the customer and when it was placed for every order that {region} customers "
            "placed {via} in {month}; sort by order id.",
        ),
        sql="""SELECT o.order_id, c.full_name, o.placed_at FROM orders o
            JOIN customers c ON c.customer_id = o.customer_id
            WHERE o.channel = '{channel}' AND c.region = '{region}' AND {placed} ORDER BY o.order_id""",
        slots=cross(REGION, CHANNEL[:2], MONTHS[11:]),
    ),
    Family(
        name="referred customers",
        difficulty="medium",
        take=4,
        phrasings=(
            "For each customer in the {region} region who was referred by someone, show customer id, full name and "
            "the referrer's full name, ordered by customer id.",
            "Who referred whom among {region} customers? Show customer id, customer's full name and referrer's full "
            "name, by customer id; only referred customers.",
        ),
        sql="""SELECT c.customer_id, c.full_name, r.full_name AS referrer FROM customers c
            JOIN customers r ON r.customer_id = c.referred_by WHERE c.region = '{region}' ORDER BY c.customer_id""",
        slots=REGION,
    ),
    Family(
        name="subscribers who ordered a category",
        difficulty="hard",
        take=6,
        phrasings=(
            "Which customers with a {plan} subscription, past or present, have ever ordered something from {category}? "
            "Show customer id and full name once each, by customer id; any order status.",
            "List customer id and full name, each once and by id, of everyone who has or had a {plan} subscription and "
            "has at least one order, of any status, with a {category} product.",
        ),
        sql="""SELECT DISTINCT c.customer_id, c.full_name FROM customers c
            JOIN subscriptions s ON s.customer_id = c.customer_id JOIN {lines} ON o.customer_id = c.customer_id
            JOIN products p ON p.product_id = i.product_id
            WHERE s.plan = '{plan}' AND p.category = '{category}' ORDER BY c.customer_id""",
        slots=cross(PLAN, CATEGORY),
    ),
    Family(
        name="buyers per region",
        difficulty="medium",
        take=6,
        phrasings=(
            "How many different customers per region have ordered a {category} product? Ignore customers without a "
            "region; show region and customers, by region; any order status.",
            "For each known region, count the distinct customers with an order, of any status, containing a {category} "
            "product. Return region and count, sorted by region.",
        ),
        sql="""SELECT c.region, COUNT(DISTINCT c.customer_id) AS customers FROM customers c
            JOIN {lines} ON o.customer_id = c.customer_id JOIN products p ON p.product_id = i.product_id
            WHERE p.category = '{category}' AND c.region IS NOT NULL GROUP BY c.region ORDER BY c.region""",
        slots=CATEGORY,
    ),
    Family(
        name="users of a coupon",
        difficulty="medium",
        take=3,
        home="validation",
        phrasings=(
            "Which customers have used the coupon {coupon}? Show customer id and full name once each, by customer id.",
        ),
        sql="""SELECT DISTINCT c.customer_id, c.full_name FROM customers c
            JOIN orders o ON o.customer_id = c.customer_id WHERE o.coupon_code = '{coupon}' ORDER BY c.customer_id""",
        slots=COUPON,
    ),
    Family(
        name="lines below today's price",
        difficulty="hard",
        take=4,
        home="test",
        phrasings=(
            "For each {category} product, how many order lines were sold at a unit price below today's list price? "
            "Show product name and lines, only products with such lines, most first, ties by name.",
        ),
        sql="""SELECT p.name, COUNT(*) AS lines FROM order_items i JOIN products p ON p.product_id = i.product_id
            WHERE p.category = '{category}' AND i.unit_price < p.list_price
            GROUP BY p.name ORDER BY lines DESC, p.name""",
        slots=CATEGORY,
    ),
    Family(
        name="buyers of two categories",
        difficulty="hard",
        take=4,
        home="test",
        phrasings=(
            "How many customers ordered products from both {one} and {two} in {quarter}, not necessarily together and "
            "whatever the status?",
        ),
        sql="""SELECT COUNT(*) FROM customers c
            WHERE EXISTS (SELECT 1 FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE o.customer_id = c.customer_id AND p.category = '{one}' AND {placed})
            AND EXISTS (SELECT 1 FROM {lines} JOIN products p ON p.product_id = i.product_id
            WHERE o.customer_id = c.customer_id AND p.category = '{two}' AND {placed})""",
        slots=cross(each("one", "Coffee", "Tea"), each("two", "Kitchen", "Outdoor"), QUARTERS),
    ),
]
