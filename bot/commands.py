"""What each command does. Heavy imports wait until a command needs them."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from bot.settings import ROOT, Settings, content_folder, load_settings


def run(_arguments: argparse.Namespace) -> int:
    """Serve, after training when there is no current archive."""
    from bot import archive
    from bot.companion import Companion

    settings = load_settings()
    if not archive.is_current(settings):
        _train(settings)
    from bot import logs, server

    logs.configure()
    print("Starting ...", flush=True)
    started = time.monotonic()

    def ready() -> None:
        print(f"Ready after {time.monotonic() - started:.0f} s. Open {settings.public_url}", flush=True)
        if settings.staff_port:
            Companion().start()
            print(f"For staff: {settings.staff_url}", flush=True)
            print("The first one: uv run conoce first-administrator you@example.org", flush=True)
        print("Stop with Ctrl+C.", flush=True)

    server.run(settings, ready)
    return 0


def train(_arguments: argparse.Namespace) -> int:
    """Check the content and train a new archive."""
    settings = load_settings()
    path = _train(settings)
    print(path)
    return 0


def _train(settings: Settings) -> Path:
    from bot import archive, candidate, checks
    from bot.content import reading_once

    with reading_once():
        checks.require(content_folder())
        print("Training (some minutes) ...", flush=True)
        path = archive.train(settings)
    if settings.staff_port:
        print("Asking it what drafts will be measured with ...", flush=True)
        candidate.read_ahead(settings)
    return path


def candidate(arguments: argparse.Namespace) -> int:
    """Check and train the content of CONOCE_CONTENT and compare it, without publishing it."""
    from bot.candidate import prepare

    # People who ask come first.
    os.nice(10)
    result = prepare(load_settings(), Path(arguments.folder))
    for problem in result["problems"]:
        print(problem, file=sys.stderr)
    return 1 if result["problems"] else 0


def ask(arguments: argparse.Namespace) -> int:
    """Answer a text or lines."""
    from bot import logs
    from bot.asking import Asker, lines_of

    logs.configure()
    settings = load_settings()
    given = [arguments.text] if arguments.text is not None else lines_of(sys.stdin.buffer.read())
    if arguments.explain:
        return _explain(settings, given)
    asker = Asker(settings)

    async def answer() -> None:
        sender = "conversation" if arguments.conversation else None
        for text in given:
            answered = await asker.ask(text, arguments.channel, sender)
            if arguments.json:
                print(json.dumps(answered.to_json(), ensure_ascii=False), flush=True)
            else:
                print("\n\n".join([*answered.reply, *(f"[{b['title']}]" for b in answered.buttons)]))
                print()

    asyncio.run(answer())
    return 0


def _explain(settings: Settings, texts: Iterable[str]) -> int:
    from bot.explaining import Explainer
    from bot.intake import take_in

    explainer = Explainer(settings)
    for text in texts:
        print(explainer.explain(take_in(text).text))
        print()
    return 0


def sms(arguments: argparse.Namespace) -> int:
    """Text with the running assistant from the terminal."""
    from bot.channels.twilio.phone import TerminalPhone, bill
    from bot.errors import SettingsError
    from bot.phones.habits import load_habits

    settings, habits = load_settings(), load_habits()
    if not settings.twilio_auth_token:
        raise SettingsError(
            "TWILIO_AUTH_TOKEN is missing: give the assistant and this command the same one, to try it "
            "out any text will do (docs/sms.md)."
        )
    channel = "whatsapp" if arguments.whatsapp else "sms"
    url = arguments.url or f"http://localhost:{settings.port}"
    phone = TerminalPhone(settings.twilio_auth_token, settings.public_url, url, arguments.number, channel)
    for line in [arguments.text] if arguments.text is not None else sys.stdin:
        text = line.rstrip("\n")
        delivered = phone.send(text)
        if delivered.status != 200:
            raise SettingsError(
                f"The assistant refused the webhook ({delivered.status}): TWILIO_AUTH_TOKEN and "
                "CONOCE_PUBLIC_URL must be the same for both."
            )
        print("\n--\n".join(delivered.texts) or "(silence)")
        print(bill(text, delivered.texts, channel, habits), flush=True)
    return 0


def check(arguments: argparse.Namespace) -> int:
    """Check the content; list coverage or what falls due."""
    from bot import checks

    catalogue = checks.require(content_folder())
    if arguments.page:
        print(checks.coverage_page(catalogue, content_folder()), end="")
        return 0
    if arguments.coverage:
        coverage = checks.coverage(catalogue, content_folder())
        if arguments.json:
            print(json.dumps(coverage, ensure_ascii=False, indent=1))
        else:
            for entry, facts in coverage["entries"].items():
                print(f"{entry}: {', '.join(facts)}")
            for fact, reason in coverage["refused"].items():
                print(f"not answered: {fact}: {reason}")
        return 0
    if arguments.due is not None:
        for entry in checks.due(catalogue, arguments.due):
            print(f"{entry.review_by} {entry.id} ({entry.file})")
        return 0
    if arguments.json:
        print(json.dumps({"entries": len(catalogue.entries), "problems": []}))
    else:
        print(f"{len(catalogue.entries)} answers, no problems.")
    return 0


def evaluate(arguments: argparse.Namespace) -> int:
    """Measure answers on questions that were never trained on; fail when they are worse than before."""
    from bot import logs
    from bot.evaluation import evaluate_files, write_report
    from bot.regression import losses, read_report

    logs.configure()
    earlier = read_report(Path(arguments.against)) if arguments.against else None
    names = earlier["files"] if earlier else ["test.jsonl"]
    files = [Path(name) for name in arguments.files] or [ROOT / "evaluation" / name for name in names]
    report = evaluate_files(load_settings(), files, baseline=bool(arguments.report))
    if arguments.report:
        write_report(report, Path(arguments.report))
    if arguments.json:
        print(json.dumps(report.to_json(), ensure_ascii=False, indent=1))
    else:
        print(report.to_markdown())
    worse = losses(report.to_json(), earlier) if earlier else []
    for line in worse:
        print(f"worse: {line}", file=sys.stderr)
    return 1 if worse else 0


def doctor(arguments: argparse.Namespace) -> int:
    """Check what is installed, set and trained."""
    from bot import logs
    from bot.doctor import examine

    logs.configure()
    findings = examine()
    if arguments.json:
        print(json.dumps([vars(f) for f in findings], indent=1))
    else:
        for finding in findings:
            print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.message}")
    return 0 if all(f.ok for f in findings) else 1


def first_administrator(arguments: argparse.Namespace) -> int:
    """Invite the first administrator of the staff app."""
    from staff.manage import run

    return run("first_administrator", arguments.email, *(["--again"] if arguments.again else []))


def purge(arguments: argparse.Namespace) -> int:
    """Delete conversations that are past their time."""
    from bot.storage.database import Database

    settings = load_settings()
    days = settings.retention_days if arguments.days is None else arguments.days
    count = Database(settings.database_url).purge(days)
    print(f"{count} conversations older than {days} days deleted.")
    return 0
