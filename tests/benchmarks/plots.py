"""The two plots of docs/benchmarks.md, as plain SVG that reads on light and on dark."""

from __future__ import annotations

import math
import re
from html import escape

from tests.benchmarks.figures import Figure, shown

Sections = dict[str, list[Figure | str]]

WIDTH, LABELS, RIGHT, ROW = 1100, 640, 110, 22
KEPT, MISSED, INK, GRID = "#2e8b6f", "#c8553d", "#808080", "#80808055"
COLOURS = {"bare": "#808080", "uvicorn": "#2e8b6f", "daphne": "#3d7bc8", "group on uvicorn": "#c8953d"}
COLOURS |= {"group on daphne": "#c8553d"}
MOST = 1.5  # times the bar; longer bars are cut there


def bars_used(sections: Sections) -> str:
    """One line for each figure that has a bar: how much of it is used."""
    figures = [figure for each in sections.values() for figure in each if isinstance(figure, Figure) and figure.bar]
    width = WIDTH - LABELS - RIGHT
    height = ROW * (len(figures) + 2)
    at_bar = LABELS + width / MOST
    parts = [
        f'<line x1="{at_bar:.1f}" y1="{ROW}" x2="{at_bar:.1f}" y2="{height}" stroke="{INK}" stroke-dasharray="4 3"/>',
        _text(at_bar, ROW - 6, "the bar", "middle"),
    ]
    for number, figure in enumerate(figures):
        y = ROW * (number + 1) + 4
        share = figure.share or 0
        long = width * min(share, MOST) / MOST
        colour = KEPT if share <= 1 and not figure.failed else MISSED
        parts.append(_text(LABELS - 8, y + 11, re.sub("`", "", figure.what), "end"))
        parts.append(f'<rect x="{LABELS}" y="{y}" width="{long:.1f}" height="{ROW - 8}" rx="2" fill="{colour}"/>')
        parts.append(_text(LABELS + long + 6, y + 11, figure.shown))
    return _svg(height, parts)


def fan_out(figures: list[Figure | str]) -> str:
    """Cost of a delivered frame by the number of viewers, both logarithmic."""
    points = {}
    for figure in figures:
        if isinstance(figure, Figure) and (found := re.fullmatch(r"cost: (.+), ([\d,]+) viewers", figure.what)):
            points.setdefault(found[1], []).append((int(found[2].replace(",", "")), figure.value))
    height, left, bottom, top = 380, 70, 40, 20

    def x(viewers: float) -> float:
        return left + (WIDTH - 260 - left) * (math.log10(viewers) - 2) / (math.log10(5000) - 2)

    def y(cost: float) -> float:
        return top + (height - bottom - top) * (1 - (math.log10(cost) - 1) / (math.log10(3000) - 1))

    parts = []
    for cost in (10, 30, 100, 300, 1_000, 3_000):
        parts.append(f'<line x1="{left}" y1="{y(cost):.1f}" x2="{WIDTH - 260}" y2="{y(cost):.1f}" stroke="{GRID}"/>')
        parts.append(_text(left - 8, y(cost) + 4, f"{cost:,} µs", "end"))
    parts += [_text(x(viewers), height - 14, f"{viewers:,} viewers", "middle") for viewers in (100, 1_000, 5_000)]
    for name, line in points.items():
        line.sort()
        path = " ".join(f"{x(viewers):.1f},{y(cost):.1f}" for viewers, cost in line)
        colour = COLOURS.get(name, INK)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x(v):.1f}" cy="{y(c):.1f}" r="4" fill="{colour}"/>' for v, c in line]
        viewers, cost = line[-1]
        parts.append(_text(x(viewers) + 10, y(cost) + 4, f"{name}: {shown(cost)} µs", fill=colour))
    return _svg(height, parts)


def _text(x: float, y: float, words: str, anchor: str = "start", fill: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}">{escape(words)}</text>'


def _svg(height: float, parts: list[str]) -> str:
    style = 'font-family="system-ui, sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" {style} role="img">'
    return "\n".join([head, *parts, "</svg>"]) + "\n"
