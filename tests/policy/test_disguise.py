"""A question in disguise: other words, the same in schema, question and SQL, and nothing that SQL itself says."""

from random import Random

import apsw

from policy.disguise import disguise, worn

SCHEMA = "CREATE TABLE Singers (singer_id INTEGER, StageName TEXT, age INTEGER, Country TEXT, Song_Count INTEGER)"
QUESTION = "How old is the singer from each country, and what is the stage name?"
QUERY = "SELECT age, StageName FROM Singers WHERE Country = 'France' ORDER BY age"


def test_the_disguised_query_compiles_on_the_disguised_schema_and_the_question_says_its_words():
    for seed in range(100):
        words = disguise(
            ["Singers", "StageName", "age", "Country"], ["singer_id", "Song_Count"], QUESTION, Random(seed)
        )
        schema, question, query = (worn(part, words) for part in (SCHEMA, QUESTION, QUERY))
        connection = apsw.Connection(":memory:")
        connection.execute(schema)
        connection.execute(f"EXPLAIN {query}").fetchall()
        assert "age" not in words, "nobody could guess what stands for it"
        assert not words.keys() & {"count", "select", "order", "text", "by"}
        if "singer" in words:
            assert f"the {words['singer']} from" in question and f"FROM {words['singer'].capitalize()}s " in query


def test_a_word_keeps_its_capitals_and_its_plural():
    assert worn("cities City CITY cityScape citizen", {"city": "morl"}) == "morls Morl MORL morlScape citizen"
