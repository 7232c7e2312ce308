// The compressed parts of the page, inflated when they are looked at.

async function inflated(element) {
  const text = atob(element.textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

const PIECES_KEPT = 8;
const pieces = new Map();

/** One piece, as a list of the rollouts of each of its steps; the last few are remembered. */
function piece(place) {
  const found = pieces.get(place) ?? inflated(document.getElementsByClassName("piece")[place]);
  pieces.delete(place);
  pieces.set(place, found);
  if (pieces.size > PIECES_KEPT) pieces.delete(pieces.keys().next().value);
  return found;
}

/** The rollouts of the step at a place of the slider. */
async function rolloutsOf(at) {
  const step = head.steps[at];
  return (await piece(step.piece))[step.inside];
}
