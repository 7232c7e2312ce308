"""How the page of the admission report looks: as every page of the lab, with a ruling and bars of what was kept."""

from envs import page_style

STYLE = (
    page_style.STYLE
    + """
.ruling { font-weight: 600; color: var(--good); }
.ruling.bad { color: var(--bad); }
.bar { display: flex; gap: 2px; height: 1.1rem; margin: 1.5rem 0 .5rem; }
.bar i, summary i { display: block; border-radius: 3px; background: var(--held); min-width: 3px; }
.bar i.kept { background: var(--good); }
.key { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; font-size: .9rem; color: var(--soft); }
.key i { display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin-right: .4rem;
  background: var(--held); }
.key i.kept { background: var(--good); }
details.group > summary { display: grid; grid-template-columns: auto 3.25rem minmax(0, 1fr) minmax(0, 40%);
  align-items: center; }
details.group > summary::before { content: ""; margin-right: .75rem; border: .3rem solid transparent;
  border-left-color: var(--soft); border-right-width: 0; }
details.group[open] > summary::before { transform: rotate(90deg); }
details.group > summary b { text-align: right; padding-right: .75rem; }
summary i { height: .7rem; }
td:first-child { min-width: 6.5rem; max-width: 12rem; }
"""
)
