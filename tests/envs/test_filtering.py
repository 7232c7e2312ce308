"""What the schema filter keeps, and in which order it chooses."""

import os
from pathlib import Path

import pytest

from envs.catalogue_text import catalogue_of
from envs.example import Database
from envs.filtering import SchemaFilter, Weights
from envs.filtering.held_values import held_values
from envs.filtering.words import likeness, terms
from envs.schema_styles import written

SHOP = """CREATE TABLE Customers (cust_id INT PRIMARY KEY, FullName TEXT, city TEXT);
CREATE TABLE Orders (id INT PRIMARY KEY, cust_id INT REFERENCES Customers(cust_id), placed DATE);
CREATE TABLE Items (order_id INT REFERENCES Orders(id), prod_id INT REFERENCES Products(id), n INT);
CREATE TABLE Products (id INT PRIMARY KEY, title TEXT, price REAL);
CREATE TABLE Weather (day DATE, rain REAL, station TEXT);
CREATE TABLE Depots (id INT PRIMARY KEY, region TEXT);"""


def names(part) -> list[str]:
    return [table.name for table in part.tables]


def test_tables_that_connect_the_chosen_ones_come_with_them():
    part = SchemaFilter(catalogue_of(SHOP))("Which products did each customer buy?", share=0.85)
    assert names(part)[:4] == ["Customers", "Orders", "Items", "Products"]
    assert "REFERENCES Orders(id)" in written(part)


@pytest.mark.parametrize(("closure", "kept"), [(True, {0, 1, 2, 3}), (False, {0, 3, 4, 5})])
def test_without_closure_the_middle_of_a_join_is_no_better_than_its_words(closure, kept):
    asked = "full names and cities of customers, title and price of products, rain, regions"
    schema = SchemaFilter(catalogue_of(SHOP), weights=Weights(spread=0.0), closure=closure)
    assert set(list(schema.keep(asked, tokens=110))[:4]) == kept


def test_a_value_in_the_question_finds_the_table_that_holds_it():
    script = SHOP + "INSERT INTO Depots VALUES (1, 'Upper Austria'); INSERT INTO Weather VALUES ('2020', 1, 'Linz');"
    schema = catalogue_of(SHOP)
    values = held_values(Database("sqlite", script=script), schema)
    assert values[5, 1] == ["Upper Austria"] and values[0, 1] == []
    kept = SchemaFilter(schema, values).keep("How many are in upper Austria?", share=0.2)
    assert next(iter(kept)) == 5
    assert next(iter(SchemaFilter(schema).keep("How many are in upper Austria?", share=0.2))) != 5


def test_a_budget_is_kept_to_and_is_the_callers_own_count_of_tokens():
    schema = catalogue_of(SHOP)
    for share in (0.1, 0.3, 0.6):
        whole = SchemaFilter(schema, count=len)
        part = whole("What did customers order?", share=share)
        assert len(written(part)) <= share * whole.whole
    assert names(SchemaFilter(schema, count=len)("What did customers order?", tokens=100_000)) == names(schema)
    with pytest.raises(ValueError, match="either tokens or a share"):
        SchemaFilter(schema)("What?")


def test_keys_stay_where_columns_are_cut_and_references_to_what_is_gone_go():
    part = SchemaFilter(catalogue_of(SHOP), columns=1)("The price of products", share=0.5)
    products = next(table for table in part.tables if table.name == "Products")
    assert [column.name for column in products.columns] == ["id", "price"]
    alone = SchemaFilter(catalogue_of(SHOP), closure=False)("when was it placed, orders", tokens=25)
    assert written(alone) == "CREATE TABLE Orders (id INT PRIMARY KEY, cust_id INT, placed DATE);"


def test_names_are_split_however_they_are_written():
    assert terms("CDSCode") == ("cd", "code") and terms("first_name") == ("first", "name")
    assert terms("How many of the departmentIDs?") == ("depart", "id")
    assert likeness("student", "stu") == 0.6 and likeness("custom", "customerid") == 0.6
    assert likeness("departments", "dept") == likeness("manager", "mgr") == 0.3
    assert likeness("manager", "mg") == likeness("2020", "20") == likeness("rent", "different") - 0.5 == 0.0


@pytest.mark.skipif("TEXT2SQL_DATA" not in os.environ, reason="TEXT2SQL_DATA names no folder with spider_train/ in it")
def test_two_databases_of_spider_in_one_schema_stay_apart_and_nine_tables_of_ten_are_found():
    from benchmarks._joined_schema import joined
    from envs.tasks import load

    file = Path(os.environ["TEXT2SQL_DATA"]) / "spider_train" / "train_spider.json"
    data = joined(load("spider", "train", str(file))[::40], "number")
    assert len({table.plain for table in data.catalogue.tables}) == len(data.catalogue.tables) > 500
    schema = SchemaFilter(data.catalogue, data.values)
    hits = [(len(one.tables & schema.keep(one.text, share=0.05).keys()), len(one.tables)) for one in data.questions]
    assert sum(kept for kept, _ in hits) / sum(all for _, all in hits) > 0.9
