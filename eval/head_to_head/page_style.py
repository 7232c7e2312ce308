"""What the page of a head-to-head adds to the looks of every page: colours of policies, bars, differences, flips."""

from envs import page_style

STYLE = (
    page_style.STYLE
    + """
:root { --p0: #5d6670; --p1: #2f6fb0; --p2: #b9770e; --p3: #24785a; --p4: #8a4fb3; --p5: #b3372b; --p6: #2a8a98;
  --p7: #9a6b3f; --gain: #d9efe4; --loss: #f7dcd8; }
@media (prefers-color-scheme: dark) { :root { --p0: #9aa4ad; --p1: #6aa9e9; --p2: #dba548; --p3: #4fb58d;
  --p4: #b98be0; --p5: #ef7d6f; --p6: #5cc0cf; --p7: #c99a6b; --gain: #1d4636; --loss: #5a2923; } }
.verdict { margin: .4rem 0 0; font-size: clamp(.95rem, 2.5vw, 1.15rem); line-height: 1.45; text-wrap: pretty;
  overflow-wrap: anywhere; }
.verdict strong { display: block; font-size: clamp(1.45rem, 4.5vw, 2.1rem); font-weight: 700; line-height: 1.25;
  letter-spacing: -.01em; }
.tile b { display: block; font-size: .8rem; font-weight: 600; color: var(--soft); }
.tile strong { overflow-wrap: anywhere; font-size: 1.25rem; }
.tile span { display: block; line-height: 1.4; overflow-wrap: anywhere; }
.tiles { grid-template-columns: repeat(4, minmax(0, 1fr)); }
.sure { margin: .75rem 0 0; max-width: 46rem; }
.stand-in { margin: 1rem 0 0; padding: .5rem .8rem; border: 2px solid var(--held); border-radius: 8px; }
h3 { margin: 1.5rem 0 .4rem; font-size: 1rem; }
.chart { margin: 1.25rem 0 .5rem; }
.bars + .bars { margin-top: .7rem; }
.bars .of { margin: 0; font-size: .85rem; color: var(--soft); overflow-wrap: anywhere; }
.bars:first-child:nth-last-child(2) .of { font-weight: 600; color: var(--ink); }
.row { display: grid; grid-template-columns: minmax(4rem, 9rem) minmax(0, 1fr) 9rem; gap: .75rem; align-items: center;
  min-height: 1.5rem; font-size: .9rem; }
.wide-names .row { grid-template-columns: minmax(7rem, 14rem) minmax(0, 1fr) 9rem; }
.name { overflow: hidden; text-overflow: ellipsis; overflow-wrap: anywhere; line-height: 1.25; }
.name span { color: var(--soft); }
.told { text-align: right; white-space: nowrap; }
.row svg { display: block; width: 100%; overflow: visible; }
.dot { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; margin-right: .45rem; }
.p0 { --own: var(--p0); } .p1 { --own: var(--p1); } .p2 { --own: var(--p2); } .p3 { --own: var(--p3); }
.p4 { --own: var(--p4); } .p5 { --own: var(--p5); } .p6 { --own: var(--p6); } .p7 { --own: var(--p7); }
i.dot { background: var(--own); } .fill { fill: var(--own); opacity: .75; }
.ink { stroke: var(--ink); stroke-width: 1.5; } .grid { stroke: var(--line); } .zero { stroke: var(--soft); }
circle.none { fill: var(--soft); } circle.up { fill: var(--good); } circle.down { fill: var(--bad); }
.marks { display: flex; justify-content: space-between; font-size: .75rem; color: var(--soft); }
.marks span { width: 0; display: flex; justify-content: center; white-space: nowrap; }
.bubbles { display: block; width: 100%; overflow: visible; }
.bubbles text { font: .8rem system-ui, sans-serif; fill: var(--ink); }
.scroll { overflow-x: auto; }
details .scroll + .scroll { margin-top: 1.25rem; }
.scroll th, .scroll td { overflow-wrap: break-word; min-width: 3.4rem; }
.scroll td:first-child, .scroll th:first-child { min-width: 7rem; overflow-wrap: anywhere; }
.scroll th.n { white-space: normal; }
.scroll .n { padding-left: .5rem; }
.up { color: var(--good); } .down { color: var(--bad); }
.flip > summary { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .75rem; }
.flip > summary span:last-child { color: var(--soft); font-size: .85rem; white-space: nowrap; }
.kind > summary { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: .75rem; }
.kind > summary span:last-child { color: var(--soft); }
.kind .flip { background: none; }
.more { margin: .5rem 0; }
.errors td { vertical-align: middle; }
.errors td:first-child { width: 11rem; }
.errors td:not(:first-child) { min-width: 6rem; white-space: nowrap; }
.errors td span { display: inline-block; width: 3rem; margin-right: .5rem; text-align: right; }
.errors svg { width: calc(100% - 3.75rem); vertical-align: middle; }
.sides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; }
.side { min-width: 0; }
.side p { font-size: .9rem; overflow-wrap: anywhere; }
.result { width: auto; max-width: 100%; font-size: .8rem; }
.result td { padding: .15rem .6rem .15rem 0; max-width: 16rem; }
ins, del { text-decoration: none; border-radius: 3px; }
ins { background: var(--gain); box-shadow: inset 0 -2px var(--good); }
del { background: var(--loss); box-shadow: inset 0 -2px var(--bad); }
bdi { unicode-bidi: isolate; }
@media (max-width: 36rem) {
  main { padding-top: 1.5rem; }
  .row, .wide-names .row { grid-template-columns: minmax(0, 1fr) auto; gap: 0 .75rem; }
  .row svg, .axis .marks { grid-column: 1 / -1; grid-row: 2; }
  .row { margin-bottom: .3rem; }
  .axis > span { display: none; }
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); margin-top: 1.25rem; }
  .scroll table { font-size: .8rem; }
  .errors td:not(:first-child) { min-width: 4rem; } .errors svg { display: block; width: 100%; }
  .errors td span { width: auto; margin: 0; }
  .errors td:first-child { width: 7rem; }
  .tile { padding: .55rem .75rem; } .tile strong { font-size: 1.05rem; }
  .flip > summary { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .flip > summary span:last-child { white-space: normal; overflow-wrap: anywhere; }
  .marks span:first-child { justify-content: flex-start; } .marks span:last-child { justify-content: flex-end; }
}
@media print { :root { --gain: #d9efe4; --loss: #f7dcd8; } }
"""
)
