/** A cell by its type: what JSON has not is an object whose one key names it. */
function value(cell) {
  if (cell === null) return element('span', { class: 'null' }, 'NULL');
  if (typeof cell === 'object') {
    if ('blob' in cell) return element('span', { class: 'raw' }, `x'${cell.blob}'`);
    return element('bdi', {}, cell.integer ?? cell.number);
  }
  return element('bdi', {}, visible(typeof cell === 'number' ? String(cell) : cell));
}

const isNumber = (cell) => cell === null || typeof cell === 'number' || (typeof cell === 'object' && !('blob' in cell));

/** The rows: one value large, else a table, else a word. */
function rowsOf(answer) {
  const { rows, columns } = answer;
  if (!rows.length) return [element('p', { class: 'part soft' }, 'No rows.')];
  if (rows.length === 1 && columns.length === 1 && answer.count === 1 && String(rows[0][0]).length < 40) {
    return [element('div', { class: 'part' }, element('p', { class: 'single' }, value(rows[0][0])),
      element('p', { class: 'soft small' }, visible(columns[0])))];
  }
  const numbers = columns.map((_, at) => rows.every((row) => isNumber(row[at])) && rows.some((row) => row[at] !== null));
  const short = columns.map((_, at) => rows.every((row) => String(row[at] ?? '').length <= 48));
  const kind = (at) => ({ class: numbers[at] ? 'n' : short[at] ? 'short' : 'long' });
  const head = element('tr', {}, ...columns.map((name, at) => element('th', { scope: 'col', ...kind(at) }, visible(name))));
  const body = rows.map((row) => element('tr', {}, ...row.map((cell, at) => element('td', kind(at), value(cell)))));
  const table = element('table', { class: 'rows' }, element('thead', {}, head), element('tbody', {}, ...body));
  return [element('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Rows' }, table)];
}

/** How many rows there are, and how many of them are here. */
function countOf(answer) {
  if (answer.error !== null) return '';
  if (answer.count === null) return `the first ${many(answer.rows.length, 'row')} of more than may be counted`;
  return many(answer.count, 'row') + (answer.capped ? `, the first ${counted(answer.rows.length)} shown` : '');
}
