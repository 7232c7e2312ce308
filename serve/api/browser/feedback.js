const THUMB = 'M1.5 9h3.2v9H1.5zM6.2 17.2V9.4L9.8 1.8c1.6 0 2.5 1.2 2.2 2.7L11.4 8h4.9c1.3 0 2.2 1.1 2 2.3l-1.2 6c-.2 1-1.1 1.7-2.1 1.7H7.6z';

function thumb(name, label) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 20 20');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', THUMB);
  svg.append(path);
  return element('button', { type: 'button', class: name, title: label, 'aria-label': label, 'aria-pressed': 'false' }, svg);
}

/** The checks, two thumbs, and under a thumb down a place for the query that would have been right. */
function opinion(answer) {
  const up = thumb('up', 'The answer is right'), down = thumb('down', 'The answer is wrong');
  const said = element('span', { role: 'status' });
  const sql = element('textarea', { rows: 3, maxlength: 20000, spellcheck: 'false', id: `sql-${answer.id}` });
  const send = element('button', { class: 'main' }, 'Send'), leave = element('button', { type: 'button' }, 'Never mind');
  const form = element('form', { class: 'correct', hidden: true },
    element('label', { for: sql.id }, 'The query that would have been right, if you know it'), sql, element('div', { class: 'line' }, send, leave));
  up.disabled = answer.error !== null;

  async function give(right) {
    const body = { id: answer.id, right };
    if (!right && sql.value.trim() && sql.value.trim() !== answer.sql.trim()) body.sql = sql.value.trim();
    up.disabled = down.disabled = send.disabled = true;
    try {
      await told(await post('/feedback', body));
      (right ? up : down).setAttribute('aria-pressed', 'true');
      form.hidden = true;
      said.textContent = 'Thank you.';
    } catch (error) {
      said.textContent = error.message;
      up.disabled = answer.error !== null;
      down.disabled = send.disabled = false;
    }
  }

  up.addEventListener('click', () => give(true));
  down.addEventListener('click', () => {
    form.hidden = !form.hidden;
    if (form.hidden) return;
    sql.value ||= answer.sql;
    sql.focus();
  });
  leave.addEventListener('click', () => { form.hidden = true; down.focus(); });
  form.addEventListener('submit', (event) => { event.preventDefault(); give(false); });
  const thumbs = element('div', { class: 'thumbs' }, said, up, down);
  return [element('div', { class: 'tools' }, element('span', { class: 'checks' }, visible(answer.checks || 'not run')), thumbs), form];
}
