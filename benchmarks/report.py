"""The benchmark's table and chart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.growth import Curve
from benchmarks.serving import Measured

#: (name, field, unit, factor, whether less is better)
ROWS = (
    ("training", "training", "s", 1.0, True),
    ("time to ready", "ready", "s", 1.0, True),
    ("memory", "memory", "MB", 1.0, True),
    ("p50, one client", "p50", "ms", 1000.0, True),
    ("p95, one client", "p95", "ms", 1000.0, True),
    ("throughput, 16 clients", "throughput", "messages/s", 1.0, False),
    ("right on test.jsonl, in scope", "accuracy", "", 1.0, False),
)


def write(
    folder: Path,
    stock: Measured | None,
    ours: Measured,
    growth: Mapping[str, Curve],
    conditions: Sequence[str],
) -> None:
    """Write report.md, report.json and chart.svg."""
    lines = [
        "# Benchmark",
        "",
        *conditions,
        "",
        "| | stock Rasa | Conoce | Conoce / stock |",
        "|---|---|---|---|",
    ]
    for name, field, unit, factor, _ in ROWS:
        mine = getattr(ours, field) * factor
        if stock is None:
            lines.append(f"| {name} | | {mine:.3g} {unit} | |")
            continue
        theirs = getattr(stock, field) * factor
        lines.append(f"| {name} | {theirs:.3g} {unit} | {mine:.3g} {unit} | {mine / theirs:.2f} |")
    for name, curve in growth.items():
        lines += ["", f"## {name}", "", f"| {name} | p50 |", "|---|---|"]
        lines += [f"| {size:,} | {seconds * 1000:.1f} ms |" for size, seconds in curve]
    lines += ["", "![chart](chart.svg)", ""]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.md").write_text("\n".join(lines), encoding="utf-8")
    data: dict[str, Any] = {
        "conditions": list(conditions),
        "stock": vars(stock) if stock else None,
        "conoce": vars(ours),
        "growth": dict(growth),
    }
    (folder / "report.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    _chart(folder / "chart.svg", stock, ours, growth)


def _chart(path: Path, stock: Measured | None, ours: Measured, growth: Mapping[str, Curve]) -> None:
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "conoce"
    from matplotlib import pyplot

    figure, grid = pyplot.subplots(1, 1 + len(growth), figsize=(5 + 3.4 * len(growth), 4), squeeze=False)
    axes = grid[0]
    if stock is not None:
        names = [name for name, *_ in ROWS]
        ratios = [getattr(ours, field) / getattr(stock, field) for _, field, *_ in ROWS]
        axes[0].barh(names[::-1], ratios[::-1], color="#2a6f97")
        axes[0].axvline(1, color="#444", linewidth=1)
        axes[0].set_xscale("log")
        axes[0].set_title("Conoce / stock Rasa")
    for axis, (name, curve) in zip(axes[1:], growth.items(), strict=True):
        axis.plot(
            [size for size, _ in curve], [seconds * 1000 for _, seconds in curve], marker="o", color="#2a6f97"
        )
        axis.set_title(name, fontsize=9)
        axis.set_ylabel("p50, ms")
        axis.set_ylim(bottom=0)
        axis.set_xscale("log")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
