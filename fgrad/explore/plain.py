"""Tables and bars as text and as HTML: how the reports of this room are shown. The style is that of the figures."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from fgrad.explore.costs import short_time
from fgrad.explore.page import style
from fgrad.explore.svg import escape

_MONO = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace'
_RULES = "\n".join(
    f".fgrad.fg-report {selector} {{ {rules} }}"
    for selector, rules in {
        "table": "border-collapse: collapse; margin: 4px 8px; font-variant-numeric: tabular-nums; color: var(--fg-ink); background: transparent",
        ":is(th, td)": "padding: 2px 10px; text-align: right; border-bottom: 1px solid var(--fg-faint); background: transparent",
        "th": "color: var(--fg-soft); font-weight: 500",
        ":is(th, td):first-child": "text-align: left",
        ":is(.fg-text, .fg-words)": "text-align: left",
        "td.fg-text": f"font: 12px {_MONO}; max-width: 38em; overflow: hidden; text-overflow: ellipsis; white-space: nowrap",
        ".fg-share": "display: inline-block; height: 0.8em; background: var(--fg-hot); vertical-align: baseline; border-radius: 2px",
        ".fg-flame": "display: flex; align-items: flex-start; width: 100%; min-width: 0",
        ".fg-flame > div": "min-width: 0; flex: none; overflow: hidden",
        ".fg-flame b": "display: block; font: 11px/1.6 system-ui, sans-serif; padding: 0 3px; margin: 1px 1px 0 0; border-radius: 3px;"
        " height: 1.6em;"
        " overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--fg-ink); background: var(--fg-box);"
        " border: 1px solid var(--fg-box-line)",
        ".fg-f1 > b": "background: var(--fg-mark)",
        ".fg-f2 > b": "background: var(--fg-node)",
        ".fg-say": "margin: 4px 8px",
        ".fg-stages": "display: flex; gap: 10px; overflow-x: auto; align-items: flex-start; padding: 4px 8px",
        ".fg-stage": "flex: 0 0 auto; max-width: 46em; border: 1px solid var(--fg-faint); border-radius: 6px; padding: 4px 8px; background: var(--fg-node)",
        ".fg-stage h4": "margin: 0; font-size: 13px; color: var(--fg-ink)",
        ".fg-stage p": "margin: 0 0 4px; color: var(--fg-soft); max-width: 34em",
        ".fg-stage pre": f"margin: 0; max-height: 55vh; overflow: auto; font: 12px/1.4 {_MONO}; color: var(--fg-ink); background: transparent",
    }.items()
)


def report(*parts: str) -> str:
    """HTML that a notebook shows, of parts that are HTML."""
    return f'<div class="fgrad fg-report"><style>{style()}{_RULES}</style>{"".join(parts)}</div>'


def sentence(text: str) -> str:
    return f'<div class="fg-say">{escape(text)}</div>'


def html_table(
    heads: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[int] = (), shares: Sequence[float] = (), words: Sequence[int] = ()
) -> str:
    """A table: columns `texts` hold code, cut where it is long, and columns `words` sentences; `shares` are drawn as bars behind the rows."""
    kinds = ["fg-text" if k in texts else "fg-words" if k in words else "fg-number" for k in range(len(heads))]
    top = "".join(f'<th class="{kind}">{escape(h)}</th>' for h, kind in zip(heads, kinds, strict=True)) + ("<th></th>" if shares else "")
    longest = max(shares, default=1.0) or 1.0
    lines = []
    for i, row in enumerate(rows):
        cells = "".join(f'<td class="{kind}">{escape(c)}</td>' for c, kind in zip(row, kinds, strict=True))
        if shares:
            cells += f'<td style="text-align:left"><span class="fg-share" style="width:{120 * shares[i] / longest:.1f}px"></span></td>'
        lines.append(f"<tr>{cells}</tr>")
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]], texts: Sequence[int] = (0,)) -> str:
    """The same for a terminal; columns that are no `texts` are set flush right."""
    whole = [heads, *rows]
    widths = [max(len(r[k]) for r in whole) for k in range(len(heads))]
    return "\n".join(
        "  ".join(c.ljust(w) if k in texts else c.rjust(w) for k, (c, w) in enumerate(zip(row, widths, strict=True))).rstrip()
        for row in whole
    )


def flame(stacks: Sequence[tuple[Sequence[str], float]]) -> str:
    """Boxes as wide as their time, each below what it is part of: a flame graph that hangs. A stack is a list of names, from the outside in."""
    return f'<div class="fg-flame">{"".join(_boxes(stacks, sum(s for _, s in stacks) or 1.0, 0))}</div>'


def _boxes(stacks: Sequence[tuple[Sequence[str], float]], whole: float, depth: int) -> list[str]:
    out = []
    for name, group in itertools.groupby(stacks, key=lambda stack: stack[0][0]):  # neighbours of one name are one box
        parts = list(group)
        time = sum(s for _, s in parts)
        below = [(names[1:], s) for names, s in parts if len(names) > 1]
        inner = "".join(_boxes(below, time or 1.0, depth + 1))
        label = f'<b title="{escape(name)}: {short_time(time)}">{escape(name)}</b>'
        out.append(f'<div class="fg-f{depth % 3}" style="width:{100 * time / whole:.3f}%">{label}<div class="fg-flame">{inner}</div></div>')
    return out
