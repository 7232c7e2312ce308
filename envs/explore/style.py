"""What the page of an exploration adds to the looks of every page: colours of splits, meters, plots, heat."""

from envs import page_style

STYLE = (
    page_style.STYLE
    + """
:root { --first: #2f6fb0; --second: #b9770e; --third: #24785a; }
@media (prefers-color-scheme: dark) { :root { --first: #6aa9e9; --second: #dba548; --third: #4fb58d; } }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; }
ul.findings { margin: 1.25rem 0 0; padding: 0; list-style: none; }
.findings li { position: relative; margin: .45rem 0; padding-left: 1.6rem; }
.findings li::before { position: absolute; left: 0; content: "\\2713"; font-weight: 700; color: var(--good); }
.findings li.mind::before { content: "!"; padding-left: .25rem; color: var(--bad); }
.findings li.plain::before { content: "\\2013"; color: var(--soft); }
.dot { display: inline-block; width: .65rem; height: .65rem; border-radius: 50%; margin-right: .4rem; }
.first { background: var(--first); } .second { background: var(--second); } .third { background: var(--third); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; color: var(--soft); }
.wide { overflow-x: auto; }
table { font-size: .9rem; }
th { vertical-align: bottom; }
code { overflow-wrap: anywhere; }
table.even td, table.even th { padding-left: .3rem; padding-right: .3rem; overflow-wrap: break-word; }
th.n { white-space: normal; }
.split, table.even .soft { white-space: nowrap; }
table.even td:first-child { min-width: 6.5rem; }
table.even tr > :first-child { padding-left: 0; }
table.even tr > :last-child { padding-right: 0; }
.meter { display: block; height: .4rem; min-width: 2.5rem; border-radius: 3px; background: var(--code);
  overflow: hidden; }
.meter i { display: block; height: 100%; border-radius: 3px; }
td.bars { width: 24%; min-width: 3.75rem; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1rem 1.5rem; }
figure { margin: .75rem 0 0; max-width: 30rem; }
figcaption { font-size: .875rem; font-weight: 600; }
svg { display: block; width: 100%; height: auto; }
svg text { font-family: system-ui, sans-serif !important; }
.heat td { text-align: center; min-width: 3rem; border: 1px solid var(--paper); }
.heat td:first-child, .heat th:first-child { text-align: left; min-width: 7rem; }
.heat td:first-child { border-color: var(--paper); }
details.group > summary b { padding-right: .6rem; }
details.group > summary { font-size: .95rem; }
.findings + .soft { margin-top: 1rem; }
@media (max-width: 36rem) { table.even .soft { display: block; } details.group { padding: .65rem .75rem; }
  details table.even { font-size: .8rem; } details table.even td:first-child { min-width: 5rem; } }
.same { margin: .9rem 0; padding-left: .75rem; border-left: 3px solid var(--line); }
.same p { margin: .15rem 0; }
"""
)
