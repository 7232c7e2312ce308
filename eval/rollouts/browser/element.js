// Everything that a run says goes into the page as text: nothing here ever reads HTML.

const byId = (id) => document.getElementById(id);

/** An element with properties, `data-` and `aria-` attributes, and children, of which strings become text. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.includes("-") || name === "role" || name === "for") made.setAttribute(name, value);
    else if (name === "class") made.className = value;
    else made[name] = value;
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

/** A reward or an advantage for people; null is unscored. */
function decimal(value, signed = false) {
  if (value === null || value === undefined) return "unscored";
  const size = Math.abs(value);
  const text = size >= 1000 || (size && size < 0.0005) ? value.toExponential(1) : size && size < 0.095 ? value.toPrecision(2) : value.toFixed(size < 10 ? 2 : 1);
  return (signed && value > 0 ? "+" : "") + text.replace("-", "\u2212");
}

/** Columns of a result, its first rows, and how many there are; a number is a list with its text, null is NULL. */
function resultTable(result, caption) {
  const told = `${count(result.rows, "row")}, ${count(result.columns, "column")}`;
  if (!result.sample.length) return make("p", { class: "soft small" }, `${caption}: ${told}`);
  const more = result.rows > result.sample.length ? `, first ${result.sample.length} shown` : "";
  const cell = (value) =>
    value === null ? make("td", { class: "null" }, "NULL")
    : Array.isArray(value) ? make("td", { class: "n" }, value[0])
    : make("td", {}, value === "" ? make("span", { class: "null" }, "empty text") : value);
  return make("div", { class: "wide", tabIndex: 0, role: "group", "aria-label": caption },
    make("table", { class: "result" },
      make("caption", {}, `${caption}: ${told}${more}`),
      make("tbody", {}, result.sample.map((line) => make("tr", {}, line.map(cell))))));
}
