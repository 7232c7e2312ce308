// One completion: a line that tells most of it, and behind it all the rest.

const VERDICTS = { true: ["\u2713", "right", "good"], false: ["\u2717", "wrong", "bad"], null: ["\u2013", "no verdict", "none"] };
const verdictOf = (rollout) => VERDICTS[rollout.correct ?? null];

/** The filters that hold for a rollout, without those that speak of its group. */
const marksOf = (rollout) => head.filters.filter((one, i) => rollout.marks & (1 << i) && one.unit === "rollout");

function pills(rollout) {
  const quiet = new Set(["duplicate", "resources", "forbidden", "no_sql", "unscored"]);
  const shown = marksOf(rollout).filter((one) => !quiet.has(one.key));
  const status = rollout.status === "ok" ? [] : [make("span", { class: "pill bad" }, rollout.status.replaceAll("_", " "))];
  return status.concat(shown.map((one) => make("span", { class: one.alarming ? "pill bad" : "pill", title: one.what }, one.label)));
}

function advantageBar(value, most) {
  const bar = make("i", { class: "advantage", "aria-hidden": "true" });
  const part = make("i", { class: value < 0 ? "minus" : "plus" });
  part.style.width = `${(50 * Math.min(Math.abs(value ?? 0) / most, 1)).toFixed(1)}%`;
  bar.append(part);
  return bar;
}

function rewardTable(rollout) {
  const names = Object.keys(rollout.rewards);
  const line = (name) => {
    const weight = head.weights[name] ?? 0, score = rollout.rewards[name];
    const share = !weight ? "not trained on" : score === null ? "unscored" : `\u00d7 ${weight} = ${decimal(weight * score)}`;
    return make("tr", {}, make("th", { scope: "row" }, name), make("td", { class: "n" }, decimal(score)), make("td", { class: "n soft" }, share));
  };
  return make("table", { class: "rewards" }, make("caption", {}, "Rewards"), make("tbody", {}, names.map(line),
    make("tr", { class: "sum" }, make("th", { scope: "row" }, "sum"), make("td", { class: "n" }, decimal(rollout.total)), make("td", { class: "n soft" }, `advantage ${decimal(rollout.advantage, true)}`))));
}

function turn(one, at) {
  const said = [one.status, one.message].filter(Boolean).join(": ");
  return make("li", {}, make("span", { class: "soft small" }, `turn ${at + 1}${said ? `, ${said}` : ""}`), make("pre", {}, one.sql || one.text || "It is empty."),
    one.observation ? make("pre", { class: "seen" }, one.observation) : null);
}

function wholeRollout(rollout, question) {
  const notes = [["refused", rollout.gate], ["database", rollout.message], ["verdict", [verdictOf(rollout)[1], rollout.reason].filter(Boolean).join(": ")], ["no ruler", rollout.ungradable],
    ["overlap", rollout.overlap === null ? "" : `${decimal(rollout.overlap)} of the gold's result`],
    ["length", rollout.tokens === null || rollout.tokens === undefined ? "" : count(rollout.tokens, "token")],
    ["marks", marksOf(rollout).map((one) => one.label).join(", ")]];
  return [
    rollout.sql ? make("pre", {}, comparedSql(rollout.sql, question.gold_sql, true)) : null,
    make("dl", {}, notes.filter(([, text]) => text).map(([name, text]) => [make("dt", {}, name), make("dd", {}, text)]).flat()),
    rollout.status === "ok" ? resultTable(rollout, "Result") : null,
    rewardTable(rollout),
    rollout.turns.length ? make("ol", { class: "turns" }, rollout.turns.map(turn)) : null,
    make("details", { class: "fold" }, make("summary", {}, "Whole completion"), make("pre", {}, rollout.completion || "It is empty.")),
  ].filter(Boolean);
}

/** `most` is the largest advantage of the step, `again` whether the same SQL stands above. */
function rolloutRow(rollout, question, most, again = false) {
  const [sign, word, kind] = verdictOf(rollout);
  const sql = rollout.sql ? comparedSql(rollout.sql, question.gold_sql, false) : make("code", { class: "sql none" }, rollout.completion.trim() || "an empty completion");
  const row = make("details", { class: "rollout" },
    make("summary", {},
      make("span", { class: `sign ${kind}`, title: word }, make("span", { "aria-hidden": "true" }, sign), make("span", { class: "unseen" }, `${word}. `)),
      make("span", { class: again ? "said again" : "said" }, sql, make("span", { class: "pills" }, pills(rollout))),
      make("span", { class: "numbers" }, make(rollout.total === null ? "small" : "b", { title: "sum of the weighted rewards" }, decimal(rollout.total)),
        rollout.total === null ? null : make("small", { title: "advantage" }, decimal(rollout.advantage, true)), advantageBar(rollout.total === null ? 0 : rollout.advantage, most))));
  row.dataset.place = rollout.place;
  row.addEventListener("toggle", () => {
    if (row.open && row.children.length === 1) row.append(make("div", { class: "whole" }, wholeRollout(rollout, question)));
  });
  return row;
}
