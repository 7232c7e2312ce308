// What the address says is what is shown: #step=12&group=EXAMPLE&rollout=3&filter=KEY&find=TEXT

let head = null, moveMarkers = null, pressFilter = null, shownStep = null, shownFound = null, asked = 0;

const state = () => Object.fromEntries(new URLSearchParams(location.hash.slice(1)));

function addressOf(changes) {
  const wanted = Object.entries({ ...state(), ...changes }).filter(([, value]) => value !== "" && value !== undefined);
  return `#${new URLSearchParams(wanted)}`;
}

const goTo = (changes) => history.replaceState(null, "", addressOf(changes)) ?? show();

/** The place of the slider whose step is nearest. */
function placeOf(step) {
  let best = 0;
  head.steps.forEach((one, at) => { if (Math.abs(one.step - step) < Math.abs(head.steps[best].step - step)) best = at; });
  return best;
}

const goToPlace = (at) => goTo({ step: head.steps[Math.max(0, Math.min(at, head.steps.length - 1))].step, group: "", rollout: "" });
const goToStep = (step) => goToPlace(placeOf(step));

async function showStep({ step, group, rollout }) {
  const at = step === undefined ? 0 : placeOf(Number(step) || 0), mine = head.steps[at].step;
  byId("slider").value = at;
  byId("slider").setAttribute("aria-valuetext", `step ${mine}`);
  byId("now").textContent = `Step ${mine}, ${at + 1} of ${head.steps.length}`;
  byId("back").disabled = at === 0;
  byId("on").disabled = at === head.steps.length - 1;
  moveMarkers(mine);
  if (shownStep !== at) {
    const rollouts = await rolloutsOf(at);
    if (Number(byId("slider").value) !== at) return;
    showGroups(byId("step"), at, rollouts);
    shownStep = at;
  }
  const card = group === undefined ? null : byId(`group-${head.questions.findIndex((one) => one.example === group)}`);
  document.querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
  if (!card) return;
  for (const above of document.querySelectorAll(".card")) {
    above.fill();
    if (above === card) break;
  }
  const row = rollout === undefined ? null : card.querySelector(`[data-place="${Number(rollout)}"]`);
  if (row) row.open = true;
  (row ?? card).classList.add("chosen");
  (row ?? card).scrollIntoView({ block: row ? "center" : "start" });
}

async function showSearch({ filter = "", find = "" }) {
  const wanted = JSON.stringify([filter, find]);
  pressFilter(filter);
  if (byId("find") !== document.activeElement) byId("find").value = find;
  if (wanted === shownFound) return;
  shownFound = wanted;
  const turn = ++asked, stale = () => turn !== asked;
  byId("found").hidden = !filter && !find;
  document.body.classList.toggle("finding-now", Boolean(filter || find));
  if (!filter && !find) return;
  byId("found").replaceChildren(make("p", { role: "status" }, "Looking ..."));
  const chosen = head.filters.find((one) => one.key === filter), entries = passing(filter);
  const found = find ? await holding(entries, find, stale) : entries;
  if (!found || stale()) return;
  const few = chosen ? chosen.shown < chosen.count ? `, of ${chosen.count.toLocaleString("en")} in the run` : "" : head.kept < head.rows ? `, among ${head.kept.toLocaleString("en")} of ${head.rows.toLocaleString("en")}` : "";
  await showFound(byId("found"), found, [chosen?.what, find && `with \u201c${find}\u201d`].filter(Boolean).join(", ") + few, chosen?.unit ?? "rollout", stale);
}

async function show() {
  const wanted = state();
  await Promise.all([showStep(wanted), showSearch(wanted)]);
  const chosen = wanted.rollout === undefined ? "" : `${shownStep} ${wanted.rollout}`;
  byId("found").querySelectorAll("a[data-key]").forEach((one) => { if (one.dataset.key === chosen) one.setAttribute("aria-current", "true"); else one.removeAttribute("aria-current"); });
  document.documentElement.dataset.shown = location.hash || "#";
}

function tell() {
  const last = head.steps[head.steps.length - 1].step, most = head.max_steps > 0 ? ` (${head.max_steps} were planned)` : "";
  const weights = Object.entries(head.weights).filter(([, weight]) => weight).map(([name, weight]) => (weight === 1 ? name : `${weight} \u00d7 ${name}`)).join(" + ");
  byId("facts").textContent = [`${count(head.rows, "rollout")} of ${count(head.questions.length, "question")} in ${count(head.steps.length, "step")}`, weights && `reward = ${weights}`, head.model, head.task].filter(Boolean).join(" \u00b7 ");
  const notes = [...head.notes];
  if (head.stand_in) notes.unshift("A stand-in run: a small policy or a bundled task took the place of what the config names.");
  if (!head.finished) notes.push(`The run had not finished when this page was made: it goes up to step ${last}${most}.`);
  if (head.kept < head.rows) notes.push(`${head.kept.toLocaleString("en")} of ${head.rows.toLocaleString("en")} rollouts are on this page: of each step the most telling ones. Counts are of all.`);
  if (notes.length) byId("notes").append(make("div", { class: "notice" }, notes.map((note) => make("p", {}, note))));
  if (!head.health.length) return;
  const before = (step) => head.steps.reduce((best, one) => (one.step < step ? one.step : best), head.steps[0].step);
  byId("health").hidden = false;
  byId("health").append(make("details", { open: head.health.length < 6 }, make("summary", {}, `${count(head.health.length, "diagnosis").replace("diagnosiss", "diagnoses")} by the run itself`),
    make("ul", {}, head.health.map((one) => make("li", {}, make("a", { href: addressOf({ step: before(one.step), group: "", rollout: "" }) }, `step ${one.step}`), ` ${one.told || one.name}`, one.advice ? make("span", { class: "soft" }, ` ${one.advice}`) : null)))));
}

async function start() {
  if (typeof DecompressionStream === "undefined") throw new Error("This browser cannot inflate the rollouts (it has no DecompressionStream); one of 2023 or later can.");
  head = await inflated(byId("head"));
  head.steps = head.steps.map(([step, epoch, piece, inside, rows, right, mean, groups]) => ({ step, epoch, piece, inside, rows, right, mean, groups }));
  head.index = head.index.map(([at, question, inside, marks]) => ({ at, question, inside, marks }));
  tell();
  byId("all").hidden = false;
  moveMarkers = drawCurves(byId("curves"));
  pressFilter = drawFilters(byId("filters"), (key) => goTo({ filter: state().filter === key ? "" : key }));
  byId("slider").max = head.steps.length - 1;
  byId("slider").oninput = (event) => goToPlace(Number(event.target.value));
  byId("back").onclick = () => goToPlace(Number(byId("slider").value) - 1);
  byId("on").onclick = () => goToPlace(Number(byId("slider").value) + 1);
  let waiting = 0;
  byId("find").oninput = (event) => { clearTimeout(waiting); waiting = setTimeout(() => goTo({ find: event.target.value }), 250); };
  addEventListener("hashchange", show);
  addEventListener("beforeprint", () => document.querySelectorAll(".card").forEach((card) => card.fill()));
  addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, .wide")) return;
    event.preventDefault();
    goToPlace(Number(byId("slider").value) + by);
  });
  await show();
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

start().catch((error) => {
  byId("failed").textContent = error.message;
  byId("failed").hidden = false;
  document.documentElement.dataset.ready = "failed";
});
