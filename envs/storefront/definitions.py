"""What the shop's words mean: given with every question that uses them, so that there is one right answer."""

NET_REVENUE = (
    "Net revenue is the sum of quantity * unit_price * (1 - discount) over the lines of orders whose status is "
    "completed or shipped."
)
COUNTED = "Counted orders are those whose status is completed or shipped."
ACTIVE = (
    "A subscription is active on a day if it started on or before that day and has not ended by then "
    "(ended_on is NULL or later than the day)."
)
MRR = f"The monthly recurring revenue (MRR) of a day sums monthly_fee over the subscriptions active that day. {ACTIVE}"
LATEST = (
    "A customer's latest churn score is the one with the greatest scored_on; no customer is scored twice on one day."
)
MISS = (
    "The error of a forecast is its predicted units minus its actual units; forecasts without actual units have none."
)
