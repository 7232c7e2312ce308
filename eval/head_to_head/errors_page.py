"""How wrong answers are wrong: a row an error, a bar a policy, for the page."""

from eval.head_to_head.comparison import Comparison
from eval.head_to_head.outcome import RIGHT
from eval.head_to_head.safe_text import safe
from eval.head_to_head.tables_told import how_wrong, outcomes
from eval.taxonomy.meaning import MEANING


def errors(found: Comparison) -> list[str]:
    """Every number with a bar, all on one scale, and below what the words mean."""
    head, rows = outcomes(found)
    wrong = [row for row in rows if row[0] != RIGHT]
    most = max((one.outcomes.get(name, 0) for one in found.policies for name, *_ in wrong), default=1)
    names = "".join(
        f'<th><i class="dot p{place}"></i>{safe(one.name)}</th>' for place, one in enumerate(found.policies)
    )
    lines = [f'<p class="soft">{safe(how_wrong(found))}</p>']
    lines.append(f'<div class="scroll"><table class="errors"><tr><th>{safe(head[0])}</th>{names}</tr>')
    for name, *cells in rows:
        shares = [0 if name == RIGHT else one.outcomes.get(name, 0) / most for one in found.policies]
        drawn = "".join(map(_cell, range(len(cells)), cells, shares))
        lines.append(f"<tr><td>{safe(name)}</td>{drawn}</tr>")
    lines.append("</table></div>")
    meant = [(name, MEANING[name]) for name, *_ in wrong if name in MEANING] if found.compared else []
    if meant:
        told = "".join(f"<tr><td>{name}</td><td>{safe(meaning)}</td></tr>" for name, meaning in meant)
        lines.append(f'<details class="group"><summary>What these words mean</summary><table>{told}</table></details>')
    return lines


def _cell(place: int, told: str, share: float) -> str:
    bar = f'<rect class="fill p{place}" width="{100 * share:.1f}%" height="12" rx="2"/>' if share else ""
    return f'<td><span>{told}</span><svg height="12" aria-hidden="true">{bar}</svg></td>'
