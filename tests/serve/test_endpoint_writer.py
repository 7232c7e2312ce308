"""A real OpenAI-compatible server with the seedling behind it, asked as the local one is."""

from pathlib import Path

import pytest

from policy.config_error import ConfigError
from serve.asker import Asker

from ..endpoint_proxy import MODEL
from .conftest import shop_at


@pytest.mark.slow
def test_an_endpoint_answers_as_the_policy_at_hand_does(server: str, tmp_path: Path):
    shop = shop_at(tmp_path / "shop.sqlite")
    questions = ["How many customers are there?", "What is the age of Ann?"]
    with Asker(MODEL, shop, server_url=f"{server}/v1") as there, Asker("policy/seedling", shop) as here:
        for question in questions:
            one, other = there.ask(question), here.ask(question)
            assert [one.sql, one.rows, one.error] == [other.sql, other.rows, other.error]
            assert [each.repaired for each in one.candidates] == [each.repaired for each in other.candidates]
        there.samples = 4
        assert len([each for each in there.ask(questions[0]).candidates if not each.repaired]) == 4
    with pytest.raises(ConfigError, match="no server answers"):
        Asker(MODEL, shop, server_url="http://127.0.0.1:9/v1")
