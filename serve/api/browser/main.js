let asking = null;

function headers() {
  const key = sessionStorage.getItem('key');
  return { 'Content-Type': 'application/json', ...(key ? { Authorization: `Bearer ${key}` } : {}) };
}

/** The JSON of an answer. Throws an Error with the service's own sentence where it is a refusal. */
async function told(response) {
  const body = await response.json().catch(() => ({ error: `the service says ${response.status}` }));
  if (response.ok) return body;
  if (response.status === 401) {
    byId('open').hidden = false;
    byId('key').focus();
  }
  throw new Error(body.error);
}

const get = async (path) => told(await fetch(path, { headers: headers() }));
const post = (path, body, signal) => fetch(path, { method: 'POST', headers: headers(), body: JSON.stringify(body), signal });

function stage(text) {
  byId('stage').textContent = text;
  byId('stage').hidden = !text;
}

const STAGES = {
  started: () => 'The policy writes \u2026',
  written: ({ candidates }) => `${many(candidates.length, 'query')} written, being run \u2026`,
  candidates: ({ candidates }) => {
    const failures = candidates.filter((one) => one.error !== null).length;
    return failures === candidates.length ? 'It failed, and is written again \u2026' : 'Choosing \u2026';
  },
  repaired: () => 'Repaired \u2026',
};

/** Events of the stream as [name, data], as they come. */
async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (let held = ''; ;) {
    const { value: more, done } = await reader.read();
    if (done) return;
    const blocks = (held + more).split('\n\n');
    held = blocks.pop();
    for (const block of blocks) {
      const found = /^event: (\w+)\ndata: (.*)$/.exec(block);
      if (found) yield [found[1], JSON.parse(found[2])];
    }
  }
}

async function ask() {
  const question = byId('question').value.trim();
  if (!question || asking) return;
  asking = new AbortController();
  byId('send').disabled = true;
  stage('Waiting for its turn \u2026');
  let shown = null;
  try {
    const body = { database: byId('database').value, question, samples: Number(byId('samples').value) };
    const response = await post('/sql/stream', body, asking.signal);
    if (!response.ok) await told(response);
    for await (const [name, data] of events(response)) {
      if (name === 'result') shown = card(data);
      else if (name === 'error') throw new Error(data.error);
      else stage(STAGES[name]?.(data) ?? name);
    }
    shown ??= failed(question, 'the connection ended before the answer came; ask again');
  } catch (error) {
    if (error.name !== 'AbortError') shown = failed(question, error instanceof TypeError ? 'the service cannot be reached' : error.message);
  }
  if (shown) byId('answers').prepend(shown);
  asking = null;
  stage('');
  byId('send').disabled = false;
}

async function tables() {
  const name = byId('database').value;
  byId('tables').replaceChildren(element('p', { class: 'soft' }, 'Reading \u2026'));
  try {
    const { schema } = await get(`/schema/${encodeURIComponent(name)}`);
    if (name !== byId('database').value) return;
    byId('tables').replaceChildren(...schema.split(/\n(?=CREATE )/).map((statement) => highlighted(laidOut(statement))));
  } catch (error) {
    byId('tables').replaceChildren(element('p', { class: 'wrong' }, error.message));
  }
}

async function begin() {
  try {
    const { databases } = await get('/databases');
    byId('database').replaceChildren(...databases.map(({ name }) => element('option', { value: name }, name)));
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (databases.some(({ name }) => name === wanted)) byId('database').value = wanted;
    byId('open').hidden = true;
  } catch (error) {
    byId('shut').textContent = error.message;
    byId('shut').hidden = !sessionStorage.getItem('key');
    if (byId('open').hidden) byId('answers').replaceChildren(failed('', error.message));
  }
  document.documentElement.dataset.ready = 'yes';
}

byId('ask').addEventListener('submit', (event) => { event.preventDefault(); ask(); });
byId('open').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('key', byId('key').value.trim());
  begin();
});
byId('question').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) { event.preventDefault(); ask(); }
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') asking?.abort();
  if (event.key === '/' && !/TEXTAREA|INPUT|SELECT/.test(document.activeElement.tagName)) { event.preventDefault(); byId('question').focus(); }
});
byId('database').addEventListener('change', () => {
  location.hash = byId('database').value;
  if (byId('schema').open) tables();
});
byId('schema').addEventListener('toggle', () => { if (byId('schema').open) tables(); });
begin();
