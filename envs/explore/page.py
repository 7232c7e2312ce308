"""The exploration as one page for a browser: no script, nothing loaded from anywhere, readable on paper too."""

from envs.explore.facts import Facts
from envs.explore.pieces import safe
from envs.explore.sections.about import about
from envs.explore.sections.kinds import kinds
from envs.explore.sections.leaking import leaking
from envs.explore.sections.long import long
from envs.explore.sections.samples import samples
from envs.explore.sections.scored import scored
from envs.explore.sections.summary import summary
from envs.explore.style import STYLE


def page(facts: Facts) -> str:
    """The whole document."""
    body = [*summary(facts), *scored(facts), *leaking(facts), *long(facts), *kinds(facts)]
    body += [*about(facts), *samples(facts)]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>What is in {safe(facts.task)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + f"\n<footer><p>Every number here is in explore_{safe(facts.task)}.json beside this page (version "
        f"{facts.version}), with more of them. Looking took {facts.seconds:,.1f} s.</p></footer>"
        "\n</main>\n</body>\n</html>\n"
    )
