/** One answer as a card. */
function card(answer) {
  const parts = [answer.database, countOf(answer), votes(answer), time(answer)].filter(Boolean);
  const shown = element('article', { class: 'answer', 'data-id': answer.id },
    element('header', {}, element('h2', {}, visible(answer.question)), element('p', { class: 'about' }, parts.join(' \u00b7 '))));
  if (answer.sql) shown.append(element('div', { class: 'part sql' }, highlighted(answer.sql), copier(answer.sql)));
  if (answer.error !== null) shown.append(element('div', { class: 'part' }, element('p', { class: 'wrong' }, visible(answer.error))));
  else shown.append(...rowsOf(answer));
  const rest = others(answer);
  if (rest) shown.append(rest);
  shown.append(...opinion(answer));
  return shown;
}

function failed(question, told) {
  return element('article', { class: 'answer' }, element('header', {}, element('h2', {}, visible(question))),
    element('div', { class: 'part' }, element('p', { class: 'wrong', role: 'alert' }, visible(told))));
}

function votes(answer) {
  const asked = answer.candidates.filter((one) => !one.repaired);
  const words = [];
  if (asked.length > 1) {
    const agree = Math.max(0, ...asked.filter((one) => one.sql === answer.sql).map((one) => one.votes));
    words.push(`${agree} of ${asked.length} queries agree`);
  }
  const repair = answer.candidates.find((one) => one.repaired);
  if (repair) words.push(repair.error === null ? 'repaired after an error' : 'one repair was tried, and failed too');
  return words.join(', ');
}

function time(answer) {
  if (answer.cached) return 'kept from before';
  const { total, model, database } = answer.seconds;
  return `${total.toFixed(2)} s (model ${model.toFixed(2)}, database ${database.toFixed(2)})`;
}

/** What else was written, where there was more than one query. */
function others(answer) {
  const seen = new Map(answer.candidates.map((one) => [one.sql, one]));
  seen.delete(answer.sql);
  if (!seen.size) return null;
  const list = [...seen.values()].map((one) => {
    const said = one.error ?? many(one.votes, 'vote');
    return element('div', {}, element('p', { class: 'soft' }, (one.repaired ? 'Repair: ' : '') + visible(said)), highlighted(one.sql || '(no query)'));
  });
  return element('details', { class: 'candidates' }, element('summary', {}, `${many(seen.size, 'other query').replace('other querys', 'other queries')}`), ...list);
}

function copier(sql) {
  const button = element('button', { type: 'button', onclick: copy }, 'Copy');
  async function copy() {
    try {
      await navigator.clipboard.writeText(sql);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Not allowed';
    }
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  }
  return button;
}
