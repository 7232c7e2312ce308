import base64
import json

import pytest

from eval.rollouts.__main__ import main
from policy.rollouts import Rollouts, read

TITLE = "Rollouts of grpo_tried"
ALL = "document.querySelectorAll('.card').forEach(c => c.fill());"
ALL += "document.querySelectorAll('.rollout').forEach(r => r.open = true)"


def test_every_completion_of_a_step_is_shown_and_the_best_stand_first(browser, tried, page, total):
    browser.open(page, "#step=4")
    browser.ask(ALL)
    browser.until("document.querySelectorAll('.whole').length === 64")
    cards = browser.ask(
        "[...document.querySelectorAll('.card')].map(c => [c.querySelector('h3').textContent,"
        "[...c.querySelectorAll('.rollout')].map(r => [r.querySelector('.unseen').textContent,"
        "r.querySelector('.numbers').firstChild.textContent, r.querySelector('.fold pre').textContent])])"
    )
    rows = [row for row in read(tried / "rollouts") if row["step"] == 4]
    for question, shown in cards:
        group = [row for row in rows if row["question"] == question]
        group.sort(key=lambda row: -row["advantage"] if row["advantage"] is not None else 9)
        words = {True: "right. ", False: "wrong. ", None: "no verdict. "}
        for row, (verdict, reward, completion) in zip(group, shown, strict=True):
            assert verdict == words[row["correct"]]
            told = reward.replace("\u2212", "-")
            assert told == "unscored" if total(row) is None else abs(float(told) - total(row)) < 0.006
            assert completion == row["completion"]


def test_what_a_policy_writes_is_never_read_as_html(browser, page):
    text = page.read_text()
    assert "onerror" not in text and text.count("</script>") == text.count("<script")
    for step in range(6):
        browser.open(page, f"#step={step}")
        browser.ask(ALL)
        browser.until("document.querySelectorAll('.whole').length === 64")
        assert browser.ask(
            "[document.title, document.images.length, document.querySelectorAll('main script').length]"
        ) == [TITLE, 0, 0]
    browser.open(page, "#find=%3C/script%3E%3Cscript%3E")
    browser.until("document.querySelectorAll('#found li').length")
    assert browser.ask("[document.title, document.querySelectorAll('#found script').length]") == [TITLE, 0]


def test_arrow_keys_and_the_slider_go_from_step_to_step(browser, page):
    browser.open(page, "#step=2")
    browser.press("ArrowRight")
    browser.until("document.querySelector('#step h2').textContent === 'Step 3'")
    assert browser.ask("location.hash") == "#step=3"
    moved = "document.querySelector('.marker').getAttribute('x1')"
    before = browser.ask(moved)
    browser.press("ArrowLeft")
    browser.until("document.querySelector('#step h2').textContent === 'Step 2'")
    assert browser.ask(f"Number({moved})") < float(before)
    browser.ask("document.getElementById('slider').focus()")
    browser.press("End")
    browser.until("document.querySelector('#step h2').textContent === 'Step 5'")
    assert browser.ask("document.getElementById('on').disabled")


def test_a_diagnosis_leads_to_the_batch_before_it_and_a_nan_is_drawn(browser, page):
    browser.open(page)
    assert "7 of 8 groups are tied." in browser.ask("document.getElementById('health').textContent")
    browser.ask("document.querySelector('#health a').click()")
    browser.until("document.querySelector('#step h2').textContent === 'Step 3'")
    assert browser.ask("document.querySelectorAll('.nan').length") == 1


@pytest.mark.parametrize(
    ("sql", "gold", "told"),
    [
        ("select  a FROM t", "SELECT a FROM t", "select  a FROM t"),
        ("SELECT a, b FROM t", "SELECT a FROM t", "SELECT a[, b] FROM t"),
        ("SELECT a FROM t", "SELECT a FROM t WHERE x = 'A b'", "SELECT a FROM t {WHERE x = 'A b'}"),
        ("SELECT 'A'", "SELECT 'a'", "SELECT {'a'} ['A']"),
    ],
)
def test_sql_is_compared_with_its_gold_word_by_word(browser, page, sql, gold, told):
    browser.open(page)
    marked = (
        "[...comparedSql(%s, %s, true).childNodes].map(n => n.tagName === 'INS' ? `[${n.textContent}]`"
        ": n.tagName === 'DEL' ? `{${n.textContent}}` : n.textContent).join('')"
    )
    assert browser.ask(marked % (json.dumps(sql), json.dumps(gold))).strip() == told


def test_missing_and_nan_rewards_are_unscored_and_turns_are_shown(browser, copied, total):
    rows = [row for row in read(copied / "rollouts") if row["step"] == 5][:8]
    for step, change in enumerate(({"executes": float("nan")}, {"executes": None}), 6):
        turns = [{"sql": "SELECT 7", "status": "ok", "message": "", "observation": "<b>7</b>"}] * 2
        news = [
            row | {"step": step, "rewards": row["rewards"] | change, "advantage": float("nan"), "turns": turns}
            for row in rows
        ]
        Rollouts(copied / "rollouts").append(news)
    main([str(copied)])
    before = sum(total(row) is None for row in read(copied / "rollouts") if row["step"] < 6)
    browser.open(copied / "rollouts.html", "#step=6&group=empty&rollout=0")
    assert browser.ask("document.querySelector('[data-key=unscored] b').textContent") == str(before + 16)
    assert browser.ask("document.querySelector('.chosen .rewards').innerText").count("unscored") >= 2
    assert (
        browser.ask("[...document.querySelectorAll('.chosen .turns .seen')].map(t => t.textContent)")
        == ["<b>7</b>"] * 2
    )


def test_a_browser_that_cannot_inflate_is_told(browser, page):
    script = browser.tell("Page.addScriptToEvaluateOnNewDocument", source="delete globalThis.DecompressionStream")
    browser.open(page)
    browser.tell("Page.removeScriptToEvaluateOnNewDocument", **script)
    assert "DecompressionStream" in browser.ask("document.getElementById('failed').innerText")


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, page):
    browser.tell("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=1, mobile=True)
    browser.open(page, "#step=3&filter=hacked&group=count&rollout=16")
    wide = browser.ask("document.documentElement.scrollWidth")
    browser.tell("Emulation.clearDeviceMetricsOverride")
    assert wide <= 360


def test_a_printed_step_holds_every_completion(browser, page):
    browser.open(page, "#step=3")
    pdf = base64.b64decode(browser.tell("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF") and browser.ask("document.querySelectorAll('.rollout').length") == 64
