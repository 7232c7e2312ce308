import time
from collections import Counter

from eval.rollouts.__main__ import main
from policy.rollouts import read


def expected(rows, total) -> dict[str, int]:
    """What each filter should count, by its definition and the long way round."""
    groups: dict[tuple[int, str], list] = {}
    for row in rows:
        groups.setdefault((row["step"], row["example"]), []).append(row)
    known = sorted(found for row in rows if (found := total(row)) is not None)
    right = sorted(total(row) for row in rows if row["correct"] and total(row) is not None)
    above = min(known[len(known) * 3 // 4], right[len(right) // 4])
    found = Counter()
    for group in groups.values():
        totals = [total(row) for row in group]
        found["tied"] += None not in totals and max(totals) - min(totals) < 1e-6
        best_wrong = max(
            (t for row, t in zip(group, totals, strict=True) if not row["correct"] and t is not None), default=-9
        )
        for row, reward in zip(group, totals, strict=True):
            scored = reward is not None
            found["hacked"] += scored and not row["correct"] and reward >= above
            found["robbed"] += (
                scored and bool(row["correct"]) and (row["advantage"] < -1e-6 or reward < best_wrong - 1e-6)
            )
            found["vacuous"] += row["vacuous"]
            found["constant"] += row["constant"]
            found["refuted"] += row["twins"] is False
            found["resources"] += row["status"] in ("timeout", "memory", "too_many_rows", "crash")
            found["forbidden"] += row["status"] == "forbidden"
            found["no_sql"] += row["status"] == "no_sql"
            found["truncated"] += row["truncated"]
            found["duplicate"] += row["sql"] != "" and sum(row["sql"] == other["sql"] for other in group) > 1
            found["unscored"] += not scored
    return dict(found)


def on_buttons(browser) -> dict[str, int]:
    told = "[...document.querySelectorAll('.filter')].map(b => [b.dataset.key, b.querySelector('b').textContent])"
    return {key: int(text.replace(",", "")) for key, text in browser.ask(told)}


def test_filters_count_what_the_rows_hold_and_list_as_many(browser, tried, page, total):
    counts = expected(list(read(tried / "rollouts")), total)
    assert all(
        counts[key] for key in ("hacked", "robbed", "vacuous", "constant", "resources", "no_sql", "unscored", "tied")
    ), counts
    browser.open(page)
    assert on_buttons(browser) == counts
    for key, count in counts.items():
        if count:
            browser.open(page, f"#filter={key}")
            while browser.ask("!document.querySelector('.more').hidden"):
                listed = "document.querySelectorAll('#found li').length"
                before = browser.ask(listed)
                browser.ask("document.querySelector('.more').click()")
                browser.until(f"{listed} > {before}")
            assert browser.ask("document.querySelectorAll('#found li').length") == count, key


def test_a_found_rollout_opens_in_its_group_at_its_step(browser, tried, page):
    browser.open(page, "#filter=resources")
    browser.ask("[...document.querySelectorAll('#found li a')].at(-1).click()")
    browser.until("document.querySelector('.rollout.chosen .whole')")
    row = [row for row in read(tried / "rollouts") if row["status"] == "timeout"][-1]
    assert browser.ask("document.querySelector('#step h2').textContent") == f"Step {row['step']}"
    assert browser.ask("document.querySelector('.card:has(.chosen) h3').textContent") == row["question"]
    assert browser.ask("document.querySelector('.chosen pre:last-child').textContent") == row["completion"]


def test_search_looks_at_questions_sql_and_completions_of_every_step(browser, tried, page):
    rows = list(read(tried / "rollouts"))
    for text in ("do not know", "DISTINCT COUNT", "over 99"):
        held = [
            row for row in rows if any(text.lower() in row[name].lower() for name in ("question", "sql", "completion"))
        ]
        browser.open(page, f"#find={text.replace(' ', '+')}")
        assert (
            browser.ask("document.querySelector('#found h2').firstChild.textContent")
            == f"{len(held)} rollout{'s' * (len(held) != 1)}"
        )


def test_what_does_not_fit_is_left_out_and_the_page_says_so(browser, tried, tmp_path, capsys, total):
    main([str(tried), "--most", "60", "--output", str(tmp_path / "few.html")])
    assert "60 of 384 rollouts" in capsys.readouterr().out
    browser.open(tmp_path / "few.html", "#step=3")
    assert "60 of 384 rollouts are on this page" in browser.ask("document.getElementById('notes').textContent")
    assert "10 of them shown" in browser.ask("document.getElementById('step').textContent")
    assert on_buttons(browser) == expected(list(read(tried / "rollouts")), total)


def test_two_hundred_steps_open_in_three_seconds_and_stay_under_twenty_megabytes(browser, make_run, total):
    run = make_run(steps=200, pool=150, talk=40)
    began = time.monotonic()
    main([str(run)])
    built = time.monotonic() - began
    file = run / "rollouts.html"
    began = time.monotonic()
    browser.open(file, "#step=120")
    opened = time.monotonic() - began
    began = time.monotonic()
    browser.ask("location.hash = 'find=no+such+words'")
    browser.until("document.querySelector('#found h2')?.textContent.startsWith('0 rollouts')")
    searched = time.monotonic() - began
    size = file.stat().st_size / 1e6
    print(f"built in {built:.1f} s, {size:.1f} MB, opened in {opened:.2f} s, all of it searched in {searched:.2f} s")
    assert browser.ask("head.kept") == 12_800
    assert size < 20 and opened < 3
    assert on_buttons(browser) == expected(list(read(run / "rollouts")), total)
