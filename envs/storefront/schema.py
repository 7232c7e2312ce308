"""The seven tables: the text that builds them is also the text a policy is shown."""

TABLES = (
    "customers",
    "products",
    "orders",
    "order_items",
    "subscriptions",
    "forecast_predictions",
    "churn_predictions",
)

SCHEMA = """\
CREATE TABLE customers (
  customer_id INTEGER PRIMARY KEY,
  full_name TEXT NOT NULL,
  email TEXT,
  city TEXT NOT NULL,
  state TEXT NOT NULL, -- two letters, e.g. TX
  region TEXT, -- Northeast, Midwest, South, West
  signup_date DATE NOT NULL,
  loyalty_tier TEXT, -- Bronze, Silver, Gold
  marketing_opt_in BOOLEAN,
  referred_by INTEGER -- customer_id of the customer who referred this one
);
CREATE TABLE products (
  product_id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  category TEXT NOT NULL, -- Coffee, Tea, Kitchen, Home, Outdoor, Wellness
  list_price NUMERIC(10,2) NOT NULL, -- price today
  unit_cost NUMERIC(10,2),
  stock_on_hand INTEGER NOT NULL,
  launched_on DATE NOT NULL,
  discontinued_on DATE
);
CREATE TABLE orders (
  order_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  placed_at TIMESTAMP NOT NULL,
  status TEXT NOT NULL, -- completed, shipped, pending, cancelled, refunded
  channel TEXT NOT NULL, -- web, mobile, store, phone
  coupon_code TEXT, -- sometimes blank instead of NULL
  shipping_fee NUMERIC(8,2) NOT NULL,
  delivered_on DATE
);
CREATE TABLE order_items (
  order_item_id INTEGER PRIMARY KEY,
  order_id INTEGER NOT NULL REFERENCES orders (order_id),
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  quantity INTEGER NOT NULL,
  unit_price NUMERIC(10,2) NOT NULL, -- price when ordered
  discount NUMERIC(4,2) NOT NULL, -- fraction of the price, 0.10 is 10% off
  returned_quantity INTEGER NOT NULL
);
CREATE TABLE subscriptions (
  subscription_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  plan TEXT NOT NULL, -- Basic, Plus, Pro
  billing_period TEXT NOT NULL, -- monthly, annual
  monthly_fee NUMERIC(8,2) NOT NULL,
  started_on DATE NOT NULL,
  ended_on DATE, -- first day without service, NULL while running
  cancel_reason TEXT,
  auto_renew BOOLEAN NOT NULL
);
CREATE TABLE forecast_predictions (
  forecast_id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES products (product_id),
  region TEXT NOT NULL,
  forecast_month DATE NOT NULL, -- first day of the month
  model_version TEXT NOT NULL, -- v1, v2
  predicted_units NUMERIC(10,1) NOT NULL,
  lower_units NUMERIC(10,1) NOT NULL,
  upper_units NUMERIC(10,1) NOT NULL,
  actual_units INTEGER -- all sales outlets, NULL until known
);
CREATE TABLE churn_predictions (
  churn_id INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customers (customer_id),
  scored_on DATE NOT NULL,
  model_version TEXT NOT NULL, -- v1, v2
  churn_probability NUMERIC(5,4) NOT NULL,
  risk_band TEXT NOT NULL, -- low, medium, high
  main_reason TEXT,
  did_churn BOOLEAN -- NULL until known
);
"""
