"""How every page of the lab looks that needs no script: in the light, in the dark, on a phone, on paper."""

STYLE = """
:root { color-scheme: light dark; --paper: #fcfcfa; --card: #fff; --ink: #1d2126; --soft: #5d6670; --line: #dfe2e4;
  --good: #24785a; --bad: #b3372b; --held: #b9770e; --code: #f3f4f2; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --card: #1b1f23; --ink: #e6e8ea; --soft: #9aa4ad;
  --line: #30363c; --good: #4fb58d; --bad: #ef7d6f; --held: #dba548; --code: #22272c; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; font-variant-numeric: tabular-nums; }
h1 { margin: 0; font-size: 1rem; font-weight: 600; color: var(--soft); overflow-wrap: anywhere; }
h2 { margin: 2.75rem 0 .75rem; font-size: 1.15rem; }
p { margin: .4rem 0; }
.source { margin: 0; font-size: .875rem; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.figure { margin: .35rem 0 0; font-size: clamp(2.4rem, 9vw, 4.25rem); font-weight: 700; line-height: 1.1;
  letter-spacing: -.02em; }
.figure small { display: inline-block; font-size: .42em; line-height: 1.4; font-weight: 500; letter-spacing: 0;
  color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .75rem;
  margin-top: 1.75rem; }
.tile { padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
.tile strong { display: block; font-size: 1.5rem; line-height: 1.3; }
.tile.bad strong { color: var(--bad); }
.tile span { font-size: .875rem; color: var(--soft); }
table { width: 100%; border-collapse: collapse; font-size: .925rem; }
tr > :last-child { padding-right: 0; }
th, td { padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
th { font-weight: 600; color: var(--soft); }
.n { text-align: right; white-space: nowrap; }
details.group { margin: .5rem 0; padding: .65rem 1rem; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card); }
details.group[open] > summary { margin-bottom: .5rem; }
summary { cursor: pointer; }
td summary { font-size: .85rem; color: var(--soft); }
pre { margin: .35rem 0; padding: .6rem .75rem; border-radius: 6px; background: var(--code); font-size: .82rem;
  white-space: pre-wrap; overflow-wrap: anywhere; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); font-size: .875rem;
  color: var(--soft); }
@media print { :root { --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb; --code: #f4f4f4;
  --good: #24785a; --bad: #b3372b; --held: #b9770e; } body { font-size: 11pt; } main { padding: 0; }
  i { print-color-adjust: exact; -webkit-print-color-adjust: exact; } tr, .tile { break-inside: avoid; } }
"""
