"""The page in a real browser: asked by the keyboard, shown as text, liked and corrected."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Served

KEY = "a-key-for-the-page"
ANSWERS = "document.querySelectorAll('.answer').length"


def opened(browser: Any, service: Served) -> None:
    browser.tell("Page.navigate", url="about:blank")
    browser.tell("Page.navigate", url=str(service.http.base_url))
    browser.until("location.protocol === 'http:' && document.readyState === 'complete'")
    browser.until("document.documentElement.dataset.ready")


def asked(browser: Any, question: str, samples: int = 1) -> None:
    before = browser.ask(ANSWERS)
    browser.ask(f"byId('samples').value = '{samples}'; byId('question').value = ''; byId('question').focus()")
    browser.tell("Input.insertText", text=question)
    browser.tell("Input.dispatchKeyEvent", type="keyDown", key="Enter", code="Enter", windowsVirtualKeyCode=13)
    browser.until(f"{ANSWERS} === {before + 1} && !asking")


@pytest.fixture
def page(browser: Any, open_service: Callable[..., Served], tmp_path: Path) -> tuple[Any, Served, Path]:
    service = open_service(feedback=tmp_path / "f.jsonl")
    opened(browser, service)
    return browser, service, tmp_path / "f.jsonl"


def test_what_a_database_holds_is_text_and_never_html(page: tuple[Any, Served, Path]):
    browser, _, _ = page
    asked(browser, "Show the names of all customers.")
    cells = browser.ask("[...document.querySelectorAll('.rows td')].map(cell => cell.textContent)")
    assert "<script>document.title = 1</script>" in cells and "\\u001b[2J\\u0007evil\\u202e" in cells
    assert browser.ask("document.title") == "Ask a database"
    assert browser.ask("document.querySelectorAll('#answers script, #answers b').length") == 0
    assert browser.ask("document.querySelector('.code .word').textContent") == "SELECT"
    asked(browser, "<img src=x onerror='document.title=2'> How many?")
    assert browser.ask("[document.title, document.images.length]") == ["Ask a database", 0]
    assert browser.ask("document.querySelector('.answer h2').textContent").startswith("<img src=x")


def test_votes_checks_and_the_schema_are_shown(page: tuple[Any, Served, Path]):
    browser, _, _ = page
    asked(browser, "How many customers are there?", samples=4)
    assert browser.ask("document.querySelector('.single').textContent") == "6"
    about = browser.ask("document.querySelector('.answer .about').textContent")
    assert "of 4 queries agree" in about and "1 row" in about and " s (model " in about
    assert browser.ask("document.querySelector('.checks').textContent").startswith("reads only, 1 table")
    browser.ask("byId('schema').open = true")
    assert browser.until("document.querySelectorAll('#tables pre').length") == 2
    browser.ask("byId('database').value = 'duck'; byId('database').dispatchEvent(new Event('change'))")
    asked(browser, "How many customers are there?")
    assert browser.ask("document.querySelector('.single').textContent") == "5"


def test_thumbs_write_feedback_that_is_said_to_be_kept(page: tuple[Any, Served, Path]):
    browser, _, file = page
    asked(browser, "How many customers are there?")
    browser.ask("document.querySelector('.answer .up').click()")
    browser.until("document.querySelector('.thumbs [role=status]').textContent === 'Thank you.'")
    asked(browser, "How many orders are there?")
    browser.ask("document.querySelector('.answer .down').click()")
    field = "document.querySelector('.answer .correct textarea')"
    assert browser.ask(f"document.activeElement === {field} && {field}.value.startsWith('SELECT')")
    browser.ask(f"{field}.value = 'SELECT missing FROM nowhere'; {field}.form.requestSubmit()")
    browser.until("document.querySelector('.thumbs [role=status]').textContent.includes('not there')")
    browser.ask(f"{field}.value = 'SELECT 4'; {field}.form.requestSubmit()")
    browser.until("document.querySelector('.down[aria-pressed=true]')")
    liked, corrected = (json.loads(line) for line in file.read_text().splitlines())
    assert liked["right"] and corrected["gold_sql"] == "SELECT 4"


def test_a_refusal_is_said_on_the_page_and_it_fits_a_phone(page: tuple[Any, Served, Path]):
    browser, _, _ = page
    browser.tell("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=1, mobile=True)
    try:
        asked(browser, "What is the age of Ann?")
        assert "is not there" in browser.ask("document.querySelector('.answer .wrong').textContent")
        assert browser.ask("document.querySelector('.answer .up').disabled")
        browser.ask("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert browser.ask("document.documentElement.scrollWidth") == 390
    finally:
        browser.tell("Emulation.clearDeviceMetricsOverride")


def test_a_service_with_keys_asks_for_one(browser: Any, open_service: Callable[..., Served], tmp_path: Path):
    opened(browser, open_service((KEY,), feedback=tmp_path / "f.jsonl"))
    assert browser.ask("[byId('open').hidden, byId('database').options.length]") == [False, 0]
    assert browser.ask("byId('shut').hidden"), "nobody has given one yet"
    browser.ask("byId('key').value = 'a-key-of-another'; byId('open').requestSubmit()")
    browser.until("!byId('shut').hidden")
    assert "does not open" in browser.ask("byId('shut').textContent")
    browser.ask(f"byId('key').value = '{KEY}'; byId('open').requestSubmit()")
    browser.until("byId('open').hidden && byId('database').options.length === 2")
    asked(browser, "How many customers are there?")
    assert browser.ask("document.querySelector('.single').textContent") == "6"


def test_nothing_is_loaded_from_elsewhere_and_no_script_but_its_own_runs(page: tuple[Any, Served, Path]):
    browser, service, _ = page
    loaded = browser.ask("performance.getEntriesByType('resource').map(each => each.name)")
    assert loaded and all(name.startswith(str(service.http.base_url)) for name in loaded)
    browser.ask("document.body.append(Object.assign(document.createElement('script'), {text: 'document.title = 3'}))")
    assert browser.ask("document.title") == "Ask a database", "the policy of the page forbids it"
