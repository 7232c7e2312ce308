// Filters and search, over every rollout of the page and not only those of the step.

const FEW = 60;

function drawFilters(place, choose) {
  const buttons = head.filters.map((one) => {
    const few = one.shown < one.count ? ` (${one.shown.toLocaleString("en")} shown)` : "";
    return make("button", { type: "button", class: one.alarming ? "filter alarming" : "filter", disabled: !one.count, title: one.what, "data-key": one.key, "aria-pressed": "false",
      onclick: () => choose(one.key) }, `${one.label} `, make("b", {}, one.count.toLocaleString("en")), few ? make("small", {}, few) : null);
  });
  place.append(...buttons);
  return (key) => buttons.forEach((one) => one.setAttribute("aria-pressed", String(one.dataset.key === key)));
}

/** Entries of the index that a filter lets through; of a filter over groups, the first rollout of each. */
function passing(key) {
  const bit = head.filters.findIndex((one) => one.key === key);
  if (bit < 0) return head.index;
  const found = head.index.filter((entry) => entry.marks & (1 << bit));
  if (head.filters[bit].unit !== "group") return found;
  const seen = new Set();
  return found.filter(({ at, question }) => !seen.has(`${at} ${question}`) && seen.add(`${at} ${question}`));
}

/** Those of the entries whose question, SQL or completion holds the text; `stale` ends a search nobody waits for. */
async function holding(entries, text, stale) {
  const wanted = text.toLowerCase(), found = [];
  for (const entry of entries) {
    const question = head.questions[entry.question];
    let held = question.question.toLowerCase().includes(wanted);
    if (!held) {
      const rollout = (await rolloutsOf(entry.at))[entry.inside];
      if (stale()) return null;
      held = [rollout.sql, rollout.completion].some((one) => one.toLowerCase().includes(wanted));
    }
    if (held) found.push(entry);
  }
  return found;
}

async function foundLink(entry) {
  const rollout = (await rolloutsOf(entry.at))[entry.inside], question = head.questions[entry.question];
  const [sign, word, kind] = verdictOf(rollout);
  const link = make("a", { href: addressOf({ step: head.steps[entry.at].step, group: question.example, rollout: rollout.place }) },
    make("span", { class: "soft small" }, make("span", { class: kind, title: word }, `${sign} `), `step ${head.steps[entry.at].step} \u00b7 reward ${decimal(rollout.total)} \u00b7 advantage ${decimal(rollout.advantage, true)}`),
    make("span", { class: "asked" }, question.question || question.example), make("code", {}, (rollout.sql || rollout.completion).slice(0, 300)));
  link.dataset.key = `${entry.at} ${rollout.place}`;
  return make("li", {}, link);
}

/** Lists what was found, a page of it at a time. */
async function showFound(place, entries, told, unit, stale) {
  const list = make("ol", {}), more = make("button", { type: "button", class: "more" });
  let shown = 0;
  const add = async () => {
    const items = [];
    for (const entry of entries.slice(shown, shown + FEW)) items.push(await foundLink(entry));
    if (stale()) return;
    list.append(...items);
    shown += items.length;
    more.hidden = shown >= entries.length;
    more.textContent = `${count(entries.length - shown, "more")}`.replace("mores", "more");
  };
  more.onclick = add;
  await add();
  if (stale()) return;
  const title = make("h2", { role: "status" }, `${count(entries.length, unit)}`, make("small", {}, ` ${told}`));
  place.replaceChildren(make("div", { class: "found-top" }, title, make("a", { href: addressOf({ filter: "", find: "", rollout: "", group: "" }), class: "close" }, "Close")), list, more);
  place.hidden = false;
}
