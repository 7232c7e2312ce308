const WORDS = new Set(('ADD ALL AND AS ASC BETWEEN BY CASE CAST CREATE CROSS DESC DISTINCT ELSE END EXCEPT EXISTS FALSE FILTER FOREIGN FROM FULL '
  + 'GROUP HAVING IN INNER INTERSECT IS JOIN KEY LEFT LIKE LIMIT NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION PRIMARY RECURSIVE '
  + 'REFERENCES RIGHT SELECT TABLE THEN TRUE UNION UNIQUE USING VALUES VIEW WHEN WHERE WITH').split(' '));
const TOKEN = /(?<remark>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<text>'(?:[^']|'')*'?)|(?<name>"(?:[^"]|"")*"?|`[^`]*`?)|(?<number>\b\d+(?:\.\d+)?\b)|(?<word>\w+)|(?<rest>\s+|[^\w\s])/gu;

/** SQL as a block in which words, texts, numbers and remarks have their colours. */
function highlighted(sql) {
  const code = element('pre', { class: 'code' });
  for (const { 0: token, groups } of visible(sql).matchAll(TOKEN)) {
    const kind = groups.word !== undefined ? (WORDS.has(token.toUpperCase()) ? 'word' : '')
      : ['remark', 'text', 'number'].find((name) => groups[name] !== undefined) ?? '';
    code.append(kind ? element('span', { class: kind }, token) : token);
  }
  return code;
}

/** A CREATE statement with a line for each column. */
function laidOut(statement) {
  let depth = 0, text = '', quote = '';
  for (const one of statement) {
    if (quote) { if (one === quote) quote = ''; } else if (one === '"' || one === "'") quote = one;
    else if (one === '(') depth += 1;
    else if (one === ')') { depth -= 1; if (depth === 0) text += '\n'; }
    const inside = depth === 1 && !quote;
    if (inside && one === ' ' && /[(,]\n {2}$/.test(text)) continue;
    text += one;
    if (inside && (one === ',' || (one === '(' && !text.includes('\n')))) text += '\n  ';
  }
  return text;
}
