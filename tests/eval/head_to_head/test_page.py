"""The page as a person sees it, in a real Chromium: in the light and in the dark, on a phone, with hostile text."""

import json
import re
import time

import matplotlib.image
import numpy as np
import pytest

from eval.head_to_head.__main__ import main
from eval.head_to_head.comparison import compare
from eval.head_to_head.page import page
from eval.head_to_head.policies import Asked
from eval.head_to_head.report import write
from eval.head_to_head.same_questions import matched

BARS = "[...document.querySelector('.chart').querySelectorAll('rect')].map(r => r.getBoundingClientRect().width / "
BARS += "r.closest('svg').getBoundingClientRect().width)"
BEYOND = "[...document.querySelectorAll('main *')].filter(e => !e.closest('.scroll') && "
BEYOND += "e.getBoundingClientRect().right > innerWidth + 1).length"
HOSTILE = (
    "SELECT '</pre></details><script>document.title=\"taken\"</script><img src=x onerror=document.title=1>' "
    "FROM items -- \u2028 \u202eltr \u2066 \0 \x1b[31m ``` | *bold* [a](javascript:1)"
)


@pytest.fixture
def compared(contest, answers, tmp_path):
    """Two policies of which one is better, and the page that says so."""
    made = contest(12)
    given = [str(made.run("sft", answers("rrwwwwwwffff"))), str(made.run("grpo", answers("rwrrrrrrrrff")))]
    main([*given, "--output", str(tmp_path / "out")])
    return tmp_path / "out/head_to_head.html"


def test_the_first_screen_holds_verdict_and_bars_and_fits(look, browser, compared, tmp_path):
    for width, dark in ((1280, False), (1280, True), (390, False), (390, True)):
        picture = matplotlib.image.imread(look(compared, tmp_path / "seen.png", width, 900, dark))
        assert picture.shape[:2] == (900, width)
        assert bool(picture[..., :3].mean() < 0.3) is dark, "the dark page is dark and the light one light"
        assert browser.ask(BARS) == pytest.approx([2 / 12, 9 / 12], abs=0.01)
        verdict, chart = browser.ask(
            "['.verdict', '.chart'].map(s => document.querySelector(s).getBoundingClientRect())"
            ".map(r => [r.top, r.bottom])"
        )
        assert 0 < verdict[0] < verdict[1] < chart[0] < chart[1] < 900
        assert browser.ask("document.documentElement.scrollWidth") == width and browser.ask(BEYOND) == 0
        drawn = picture[int(chart[0]) : int(chart[1]), :, :3].reshape(-1, 3)
        assert len(np.unique((drawn * 8).astype(int), axis=0)) > 12, "bars in the colours of their policies are seen"


def test_flips_open_without_a_script_and_mark_what_differs(look, browser, compared, tmp_path):
    look(compared, tmp_path / "seen.png")
    assert browser.ask("document.scripts.length") == 0
    titles = browser.ask("[...document.querySelectorAll('h3')].map(h => h.textContent)")
    assert titles == ["8 gained by grpo against sft", "1 lost by grpo against sft"]
    browser.ask("document.querySelectorAll('.flip').forEach(f => f.open = true)")
    marked = browser.ask("[...document.querySelectorAll('.flip ins, .flip del')].map(m => [m.tagName, m.textContent])")
    assert ["INS", "name"] in marked and ["DEL", "nam"] in marked
    (lost,) = browser.ask(
        "[...document.querySelectorAll('.flip')].slice(-1).map(f => [...f.querySelectorAll('.side')].map(s =>"
        "[s.querySelector('p').textContent, s.querySelectorAll('tr').length]))"
    )
    assert lost == [["sft: right", 2], ["grpo: filter", 4]]


def test_nothing_that_a_model_wrote_is_obeyed(look, browser, contest, answers, tmp_path):
    made = contest(4)
    nasty = answers("rrrr") | {"q0": HOSTILE, "q1": "\ud800 not SQL <b>"}
    a, b = made.run("a", answers("rrww")), made.run("b", nasty)
    rows = [json.loads(line) for line in (b / "eval/after.jsonl").read_text(errors="surrogatepass").split("\n")[:-1]]
    rows[0] |= {"message": HOSTILE, "difficulty": "</td><script>1</script>\u202e"}
    rows[1] |= {"sql": "\ud800 <b>", "correct": False, "status": "syntax", "message": HOSTILE}
    (b / "eval/after.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    main([str(a), f"<script>alert(1)<script>={b}", "--output", str(tmp_path / "out")])
    look(tmp_path / "out/head_to_head.html", tmp_path / "seen.png", 390)
    browser.ask("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = browser.ask("[document.title, document.scripts.length, document.images.length, document.links.length]")
    assert found == ["Head to head: a, <script>alert(1)<script>", 0, 0, 0]
    assert browser.ask("document.documentElement.scrollWidth") <= 390
    text = browser.ask("document.body.innerText")
    assert "</pre></details><script>" in text and "\\u2028" in text and "\\u202e" in text and "\\ud800" in text
    for file in (tmp_path / "out").iterdir():
        written = file.read_text(encoding="utf-8")
        assert not {"\u2028", "\u202e", "\u2066", "\0", "\x1b"} & set(written), file.name
    assert "<script" not in (tmp_path / "out/head_to_head.html").read_text()
    plain = re.sub(r"^(```+)sql\n.*?\n\1$", "", (tmp_path / "out/head_to_head.md").read_text(), flags=re.S | re.M)
    assert "<script" not in plain and "](" not in plain


def test_ten_thousand_questions_and_two_thousand_flips_are_a_page_that_opens(look, browser, contestant, tmp_path):
    easy = np.random.default_rng(0).random(10_000) < 0.9
    changed = np.arange(10_000) % 5 == 0
    policies = [contestant("a", easy), contestant("b", easy ^ changed)]
    asked = {f"q{i}": Asked("Which?", "SELECT 1", f"kind {i % 30}", f"db {i % 900}") for i in range(10_000)}
    began = time.process_time()
    found = compare(policies, matched(policies), asked, [])
    written = write(tmp_path / "out", found)
    assert time.process_time() - began < 30
    assert len(found.pairs[0].flips) == 2000 and written.stat().st_size < 3_000_000
    look(written, tmp_path / "seen.png", 390)
    gained = found.pairs[0].difference.gained
    assert browser.ask("document.querySelectorAll('.flip').length") == min(gained, 200) + 200
    assert "200 of 1," in browser.ask("document.body.innerText")
    assert browser.ask("performance.timing.loadEventEnd - performance.timing.navigationStart") < 5000


def test_bubbles_stand_only_where_every_latency_is_known(contestant):
    asked = {f"q{i}": Asked() for i in range(9)}
    for latency, drawn in ((0.25, True), (None, False)):
        both = [contestant("slow", np.ones(9), 0.5), contestant("fast", np.zeros(9), latency)]
        text = page(compare(both, matched(both), asked, []))
        assert ("Accuracy against latency" in text) is drawn
        assert ("fast 0.0%, 250 ms" in text) is drawn
