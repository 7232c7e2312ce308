// One card a question: what was asked, its gold, and the completions beside each other.

function strip(rollouts) {
  const told = ["right", "wrong", "no verdict"].map((word) => [rollouts.filter((one) => verdictOf(one)[1] === word).length, word]);
  const said = told.filter(([many]) => many).map(([many, word]) => `${many} ${word}`).join(", ");
  return make("p", { class: "strip" }, make("span", { "aria-hidden": "true" }, rollouts.map((one) => make("i", { class: verdictOf(one)[2] }))), make("span", { class: "soft small" }, said));
}

function goldOf(question) {
  const schema = head.schemas[question.schema];
  return [make("div", { class: "gold" }, make("pre", {}, make("code", { class: "sql" }, question.gold_sql || "The gold is not known.")),
      question.gold ? resultTable(question.gold, "Gold") : null),
    schema ? make("details", { class: "fold" }, make("summary", {}, "Schema"), make("pre", {}, schema)) : null];
}

function fillGroup(card, rollouts, question, most) {
  const seen = new Set();
  card.append(make("div", { class: "rollouts" }, rollouts.map((one) => {
    const again = Boolean(one.sql) && seen.has(one.sql);
    seen.add(one.sql);
    return rolloutRow(one, question, most, again);
  })));
  card.dataset.filled = "yes";
}

/** `all` is how many completions the group had, of which `rollouts` are on the page. */
function groupCard(place, rollouts, all, most) {
  const question = head.questions[place];
  const about = [question.example, question.database, question.kind].filter(Boolean).join(" \u00b7 ");
  const sorted = [...rollouts].sort((one, two) => (two.advantage ?? -Infinity) - (one.advantage ?? -Infinity) || one.place - two.place);
  const tied = sorted.some((one) => head.filters.some((filter, i) => filter.key === "tied" && one.marks & (1 << i)));
  const card = make("article", { class: "card", id: `group-${place}`, "aria-label": question.question || question.example },
    make("p", { class: "soft small about" }, about),
    make("h3", {}, question.question || question.example),
    question.evidence ? make("p", { class: "small" }, question.evidence) : null,
    ...goldOf(question).filter(Boolean),
    strip(sorted),
    tied ? make("p", { class: "soft small" }, "All rewards are the same: this group teaches nothing.") : null,
    rollouts.length < all ? make("p", { class: "held small" }, `${rollouts.length} of ${count(all, "completion")} shown.`) : null);
  card.fill = () => card.dataset.filled || fillGroup(card, sorted, question, most);
  return card;
}

const nearby = new IntersectionObserver((seen) => seen.forEach((one) => {
  if (!one.isIntersecting) return;
  one.target.fill();
  nearby.unobserve(one.target);
}), { rootMargin: "900px" });

/** Shows a step; completions of cards far below are made when they come near. */
function showGroups(place, at, rollouts) {
  const { step, epoch, rows, right, mean, groups } = head.steps[at];
  const most = Math.max(1e-9, ...rollouts.map((one) => Math.abs(one.advantage ?? 0)));
  const few = rollouts.length < rows ? `, ${rollouts.length.toLocaleString("en")} of them shown` : "";
  const told = [`${count(rows, "rollout")} of ${count(groups.length, "question")}${few}`, `${right} right`,
    `mean reward ${decimal(mean)}`, epoch === null ? "" : `epoch ${epoch.toFixed(2)}`];
  const cards = groups.map(([question, all]) => groupCard(question, rollouts.filter((one) => one.question === question), all, most));
  nearby.disconnect();
  place.replaceChildren(make("h2", {}, `Step ${step}`), make("p", { class: "soft" }, told.filter(Boolean).join(" \u00b7 ")), make("div", { class: "cards" }, cards));
  cards.forEach((card) => nearby.observe(card));
}
