// A query beside its gold, word by word.

const WORDS = /'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`[^`]*`?|\s+|[\p{L}_][\p{L}\p{N}_]*|\d[\d.]*|[<>!=]=|<>|\|\||./gsu;
const MOST_WORDS = 1500;

const sameWord = (word) => (/^['"`]/.test(word) ? word : word.toLowerCase());

/** [kind, text] pieces: "both", "new" (not in the gold), "gone" (the gold's only). Null when there is too much of it. */
function difference(sql, gold) {
  const ours = sql.match(WORDS) ?? [], all = gold.match(WORDS) ?? [];
  const theirs = all.filter((word) => word.trim()), apart = all.map((word, at) => [word, at > 0 && !all[at - 1].trim()]).filter(([word]) => word.trim());
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
    const last = found.at(-1);
    if (last && last[0] === kind) last[1] += text;
    else found.push([kind, text]);
  };
  let i = 0, j = 0, next = 0;
  while (i < n || j < m) {
    const equal = i < n && j < m && one[i] === two[j];
    if (!equal && j < m && (i >= n || longest[i][j + 1] >= longest[i + 1][j])) {
      put("gone", `${apart[j][1] && found.at(-1)?.[0] === "gone" ? " " : ""}${theirs[j++]}`);
      continue;
    }
    const blank = !equal && found.at(-1)?.[0] === "new" ? "new" : "both";
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
  const code = make("code", { class: "sql" });
  shown.forEach(([kind, text], at) => {
    const [, before, inner, after] = text.match(/^(\s*)(.*?)(\s*)$/s);
    if (kind === "both") code.append(text);
    else if (kind === "new") code.append(before, make("ins", { class: "new" }, inner), after);
    else code.append(/\s$|^$/.test(code.textContent) ? "" : " ", make("del", {}, inner), /^\s/.test(shown[at + 1]?.[1] ?? " ") ? "" : " ");
  });
  return code;
}
