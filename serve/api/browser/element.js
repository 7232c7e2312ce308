/** An element with attributes and children. Text is always text: nothing here reads HTML. */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** Control characters and marks of direction by their names, so that no value moves what stands beside it. */
function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]/gu,
    (one) => '\\u' + one.codePointAt(0).toString(16).padStart(4, '0'));
}

const byId = (id) => document.getElementById(id);

/** 1234567 -> 1,234,567. */
const counted = (number) => number.toLocaleString('en-GB');
const many = (number, word) => `${counted(number)} ${number === 1 ? word : word === 'query' ? 'queries' : word + 's'}`;
