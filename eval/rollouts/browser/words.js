// A query beside its gold, word by word.

const WORDS = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\s+|[\p{L}_][\p{L}\p{N}_]*|\d[\d.]*|[<>!=]=|<>|\|\||./gsu;
const MOST_WORDS = 1500;

const sameWord = (word) => (/^['"`]/.test(word) ? word : word.toLowerCase());

/** [kind, text] pieces: "both", "new" (not in the gold), "gone" (the gold's only). Null when there is too much of it. */
function difference(sql, gold) {
  const ours = sql.match(WORDS) ?? [], theirs = (gold.match(WORDS) ?? []).filter((word) => word.trim());
  const places = ours.map((_, i) => i).filter((i) => ours[i].trim());
  const n = places.length, m = theirs.length;
  if (n > MOST_WORDS || m > MOST_WORDS) return null;
  const one = places.map((i) => sameWord(ours[i])), two = theirs.map(sameWord);
  const longest = Array.from({ length: n + 1 }, () => new Uint16Array(m + 1));
  for (let i = n - 1; i >= 0; i--)
    for (let j = m - 1; j >= 0; j--)
      longest[i][j] = one[i] === two[j] ? longest[i + 1][j + 1] + 1 : Math.max(longest[i + 1][j], longest[i][j + 1]);
  const found = [];
  const put = (kind, text) => {
    const last = found[found.length - 1];
    if (last && last[0] === kind) last[1] += text;
    else found.push([kind, text]);
  };
  let i = 0, j = 0, next = 0;
  while (i < n || j < m) {
    const equal = i < n && j < m && one[i] === two[j];
    if (!equal && j < m && (i >= n || longest[i][j + 1] > longest[i + 1][j])) {
      put("gone", `${found.length && found[found.length - 1][0] === "gone" ? " " : ""}${theirs[j++]}`);
      continue;
    }
    const blank = !equal && found.length && found[found.length - 1][0] === "new" ? "new" : "both";
    while (next < places[i]) put(blank, ours[next++]);
    put(equal ? "both" : "new", ours[next++]);
    if (equal) j++;
    i++;
  }
  return found;
}

/** The SQL as an element: with what the gold has and it has not, or only with its own words marked. */
function comparedSql(sql, gold, whole) {
  const found = gold ? difference(sql, gold) : null;
  if (!found) return make("code", { class: "sql" }, sql);
  const shown = whole ? found : found.filter(([kind]) => kind !== "gone");
  return make("code", { class: "sql" }, shown.map(([kind, text]) => {
    if (kind === "both") return text;
    if (kind === "gone") return make("del", {}, text);
    const [, before, inner, after] = text.match(/^(\s*)(.*?)(\s*)$/s);
    return [before, make("ins", { class: "new" }, inner), after];
  }).flatMap((part, at, all) => {
    const glued = part instanceof Element && part.tagName === "DEL";
    return glued ? [" ", part, at + 1 < all.length ? " " : ""] : part;
  }));
}
