// Small curves of the whole run, with a marker where the slider stands.

const SVG = "http://www.w3.org/2000/svg";
const WIDE = 160, TALL = 44;

function draw(tag, attributes) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

/** What a batch of rollouts led to is logged after it; the held-out accuracy was measured before it. */
function pointAt(curve, step) {
  const before = curve.points.filter(([at]) => at <= step);
  const after = curve.points.find(([at]) => at > step);
  return curve.band ? before[before.length - 1] ?? after : after ?? before[before.length - 1];
}

function drawCurve(curve, first, last) {
  const known = curve.points.filter(([, value]) => value !== null);
  const ends = (curve.band ?? []).flatMap(([, low, high]) => [low, high]).concat(known.map(([, value]) => value));
  const low = Math.min(0, ...ends), high = curve.share ? 1 : Math.max(...ends, low + 1e-9);
  const x = (step) => 3 + ((WIDE - 6) * (step - first)) / Math.max(last - first, 1);
  const y = (value) => TALL - 4 - ((TALL - 8) * (value - low)) / (high - low);
  const svg = draw("svg", { viewBox: `0 0 ${WIDE} ${TALL}`, preserveAspectRatio: "none", "aria-hidden": "true" });
  if (curve.band?.length > 1) {
    const up = curve.band.map(([step, , top]) => `${x(step)},${y(top)}`);
    const down = curve.band.map(([step, bottom]) => `${x(step)},${y(bottom)}`).reverse();
    svg.append(draw("polygon", { class: "band", points: [...up, ...down].join(" ") }));
  } else for (const [step, bottom, top] of curve.band ?? [])
    svg.append(draw("line", { class: "band", x1: x(step), x2: x(step), y1: y(bottom), y2: y(top) }));
  let path = "", pen = "M";
  for (const [step, value] of curve.points) {
    if (value === null) svg.append(draw("line", { class: "nan", x1: x(step), x2: x(step), y1: 2, y2: TALL - 2 }));
    else path += `${pen}${x(step).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = value === null ? "M" : "L";
  }
  if (known.length === 1) path += "h.1";
  const marker = draw("line", { class: "marker", y1: 0, y2: TALL });
  svg.append(draw("path", { class: "line", d: path }), marker);
  const value = make("b", {});
  const title = curve.points.length === known.length ? curve.metric : `${curve.metric}: red where it was no number`;
  const figure = make("figure", { class: "curve", title }, make("figcaption", {}, make("span", {}, curve.label), value), svg);
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    goToStep(first + ((last - first) * (event.clientX - box.left)) / box.width);
  });
  const show = (step) => {
    for (const end of ["x1", "x2"]) marker.setAttribute(end, x(step));
    const [at, found] = pointAt(curve, step) ?? [step, null];
    const band = (curve.band ?? []).find(([where]) => where === at);
    value.textContent = found === null ? "no number" : decimal(found);
    if (band) value.append(make("small", {}, ` ${decimal(band[1])}\u2013${decimal(band[2])}`));
    figure.setAttribute("aria-label", `${curve.label}: ${value.textContent} at step ${at}`);
  };
  return { figure, show };
}

/** Fills the place of the curves; returns what moves their markers. */
function drawCurves(place) {
  const steps = head.steps.map((one) => one.step).concat(head.curves.flatMap((curve) => curve.points.map(([at]) => at)));
  const first = Math.min(...steps), last = Math.max(...steps);
  const drawn = head.curves.map((curve) => drawCurve(curve, first, last));
  place.append(...drawn.map((one) => one.figure));
  place.hidden = !drawn.length;
  return (step) => drawn.forEach((one) => one.show(step));
}
