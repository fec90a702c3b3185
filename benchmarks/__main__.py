"""`make benchmark`: ours beside the stock Rasa pipeline, on the same entries and examples."""

from __future__ import annotations

import argparse
import os
import platform
import socket
import sys
import tempfile
from pathlib import Path

from benchmarks import growth, ours, report, stock
from benchmarks.serving import Measured, Running, percentiles, run_timed, running
from bot.content import load_catalogue
from bot.evaluation import IN_SCOPE, Row, read_rows
from bot.matcher import LabelledExample
from bot.settings import ROOT

QUIET = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "ERROR"}


def main() -> None:
    """Measure both and write benchmarks/report.md, report.json and chart.svg."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument(
        "--examples",
        type=int,
        default=6,
        help="training examples of an intent and language, for both; 0 is all (stock takes hours)",
    )
    parser.add_argument("--without-stock", action="store_true", help="measure ours only")
    parser.add_argument("--without-growth", action="store_true", help="leave the growth curves out")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks")
    arguments = parser.parse_args()
    catalogue = load_catalogue(ROOT / "data")
    examples = stock.chosen_examples(arguments.examples)
    rows = [r for rs in read_rows(ROOT / "evaluation" / "test.jsonl") for r in rs if r.kind in IN_SCOPE]
    count = sum(map(len, examples.values()))
    conditions = [
        f"{len(catalogue.entries)} entries, {count} examples for both, {len(rows)} questions of "
        f"`evaluation/test.jsonl`, {len(os.sched_getaffinity(0))} core(s) ({platform.machine()}), one "
        "after the other on the same machine.",
        "`right` is counted over HTTP: the reply is the answer that the question expects.",
    ]
    curves: dict[str, growth.Curve] = {}
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        mine = _ours(work / "ours", rows, examples, curves, not arguments.without_growth)
        theirs = None if arguments.without_stock else _stock(work / "stock", rows, examples)
    if not arguments.without_growth:
        labelled = [LabelledExample(t, i, lang) for i, texts in examples.items() for t, lang in texts]
        curves["entries"] = growth.by_entries(catalogue, labelled, [row.text for row in rows[::8]])
    report.write(arguments.output, theirs, mine, curves, conditions)
    print((arguments.output / "report.md").read_text(encoding="utf-8"))


def _ours(
    folder: Path, rows: list[Row], examples: stock.Examples, curves: dict[str, growth.Curve], grow: bool
) -> Measured:
    folder.mkdir(parents=True)
    port, log = _free_port(), folder / "log"
    project = ours.copy_project(folder / "project", examples)
    environment = {**QUIET, "CONOCE_DATA": str(folder), "CONOCE_PORT": str(port)}
    environment["PYTHONPATH"] = str(project)
    training = run_timed(ours.TRAIN, project, environment, log)
    with running(ours.RUN, project, environment, port, log) as server:
        measured = _measure(server, training, rows, lambda reply: (reply.get("conoce") or {}).get("faq_id"))
        if grow:
            questions = [row.text for row in rows[::8]]
            curves["turns of one conversation"] = growth.by_turns(server, questions)
            database = folder / "conoce.sqlite3"
            curves["stored conversations"] = growth.by_stored(server, database, questions)
    return measured


def _stock(folder: Path, rows: list[Row], examples: stock.Examples) -> Measured:
    replies = stock.write_project(folder, load_catalogue(ROOT / "data"), examples)
    port, log = _free_port(), folder / "log"
    rasa = [sys.executable, "-m", "rasa"]
    training = run_timed([*rasa, "train", "--quiet"], folder, QUIET, log)
    with running([*rasa, "run", "--port", str(port)], folder, QUIET, port, log) as server:
        return _measure(server, training, rows, lambda reply: replies.get(str(reply.get("text"))))


def _measure(server: Running, training: float, rows: list[Row], entry_of: object) -> Measured:
    texts = [row.text for row in rows]
    server.times(texts[:20], "warm")
    p50, p95 = percentiles(server.times(texts[::3]))
    throughput = server.throughput(texts)
    right = 0
    for number, row in enumerate(rows):
        said = [entry_of(reply) for reply in server.say(row.text, f"accuracy {number}")]  # type: ignore[operator]
        right += any(entry in row.accepted for entry in said)
    return Measured(training, server.ready, server.memory(), p50, p95, throughput, right / max(1, len(rows)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
