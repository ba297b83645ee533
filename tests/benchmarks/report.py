"""The measured figures as docs/benchmarks.json, and from them the tables and plots of docs/benchmarks.md."""

from __future__ import annotations

import dataclasses
import json
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import plots
from tests.benchmarks.figures import Figure
from tests.servers import ROOT

DOCS = ROOT / "docs"
KEPT = DOCS / "benchmarks.json"
PAGE = DOCS / "benchmarks.md"
MARKED = re.compile(r"(<!-- figures: (?P<name>\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
BUSY = 0.5  # load average for each core, above which others were at work, too

Section = dict[str, Any]


def describe_machine() -> Section:
    """Where and when this is measured, and how busy the machine is before it begins."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown model")
    return {
        "machine": f"{os.cpu_count()} cores of {model}, Linux {platform.release()}, Python {platform.python_version()}",
        "date": datetime.now(UTC).date().isoformat(),
        "load": round(os.getloadavg()[0], 1),
        "busy": os.getloadavg()[0] > BUSY * (os.cpu_count() or 1),
    }


def keep(name: str, figures: list[Figure | str], machine: Section) -> None:
    """Replace what was measured under that name before."""
    kept = read()
    rows = [dataclasses.asdict(figure) if isinstance(figure, Figure) else figure for figure in figures]
    kept[name] = machine | {"figures": rows}
    KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def read() -> dict[str, Section]:
    return json.loads(KEPT.read_text()) if KEPT.exists() else {}


def figures_of(section: Section) -> list[Figure | str]:
    return [row if isinstance(row, str) else Figure(**row) for row in section["figures"]]


def write_page() -> None:
    """The page's tables and its plots; the words between them stay."""
    kept = read()
    PAGE.write_text(MARKED.sub(lambda found: found[1] + table(kept.get(found["name"])) + found[3], PAGE.read_text()))
    sections = {name: figures_of(section) for name, section in kept.items()}
    (DOCS / "benchmarks-bars.svg").write_text(plots.bars_used(sections))
    (DOCS / "benchmarks-fan-out.svg").write_text(plots.fan_out(sections.get("fan_out", [])))


def table(section: Section | None) -> str:
    """One benchmark's figures, as Markdown."""
    if section is None:
        return "Not measured yet.\n"
    busy = ", **while others used the machine**" if section["busy"] else ""
    lines = [f"Measured {section['date']}{busy} (load average {section['load']}) on {section['machine']}.", ""]
    figures = figures_of(section)
    if rows := [figure for figure in figures if isinstance(figure, Figure)]:
        lines += ["| what | measured | bar | | yardstick and detail |", "|---|---|---|---|---|"]
        for figure in rows:
            cells = (figure.what, figure.shown, figure.shown_bar, figure.verdict, figure.detail)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    if texts := [figure for figure in figures if isinstance(figure, str)]:
        lines += ["", *(f"- {text}" for text in texts)]
    return "\n".join(lines) + "\n"
