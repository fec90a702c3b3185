"""The command `conoce`."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence

# Set before TensorFlow or Rasa is imported: no telemetry, no start-up chatter.
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
os.environ.setdefault("LOG_LEVEL_LIBRARIES", "ERROR")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0, or 1 after saying what went wrong and what to do."""
    from bot import placeholder
    from bot.errors import ConoceError

    placeholder.install()

    # People who run a command get our sentences; the tests turn every warning into an error.
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
        # Old packages switch warnings on again for themselves.
        warnings.showwarning = lambda *_arguments, **_keywords: None
    parsed = _parser().parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except ConoceError as error:
        print(f"conoce: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    from bot import commands

    parser = argparse.ArgumentParser(prog="conoce", description="A bilingual immigrant-rights assistant.")
    subparsers = parser.add_subparsers(required=True, metavar="command")

    run = subparsers.add_parser("run", help="train if needed and serve the assistant")
    run.set_defaults(run=commands.run)

    train = subparsers.add_parser("train", help="train a new archive")
    train.set_defaults(run=commands.train)

    candidate = subparsers.add_parser(
        "candidate", help="check and train the content and compare it, without publishing it"
    )
    candidate.add_argument("folder", help="where the archive and what came out are written")
    candidate.set_defaults(run=commands.candidate)

    ask = subparsers.add_parser("ask", help="answer a text, or each line of standard input")
    ask.add_argument("text", nargs="?", help="the question; without it, lines are read")
    ask.add_argument("--json", action="store_true", help="one JSON object a line")
    ask.add_argument("--channel", choices=("web", "sms", "whatsapp"), default="web")
    ask.add_argument("--explain", action="store_true", help="show what was seen and which rule decided")
    ask.add_argument("--conversation", action="store_true", help="all lines are one conversation")
    ask.set_defaults(run=commands.ask)

    sms = subparsers.add_parser("sms", help="text with the running assistant, as Twilio would")
    sms.add_argument("text", nargs="?", help="the message; without it, lines are read")
    sms.add_argument("--whatsapp", action="store_true", help="over WhatsApp instead of SMS")
    sms.add_argument("--number", default="+15005550006", help="the number of the phone")
    sms.add_argument("--url", help="where the assistant listens (default: this machine)")
    sms.set_defaults(run=commands.sms)

    check = subparsers.add_parser("check", help="check the questions and answers")
    check.add_argument("--coverage", action="store_true", help="say where each fact is answered")
    check.add_argument("--page", action="store_true", help="print docs/coverage.md")
    check.add_argument("--due", type=int, metavar="DAYS", help="list the answers that fall due")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=commands.check)

    evaluate = subparsers.add_parser("evaluate", help="measure on questions never trained on")
    evaluate.add_argument("files", nargs="*", metavar="FILE", help="default: evaluation/test.jsonl")
    evaluate.add_argument(
        "--against", metavar="REPORT", help="fail when something is worse than in this report.json"
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.add_argument("--report", metavar="FOLDER", help="write report.md and report.json there")
    evaluate.set_defaults(run=commands.evaluate)

    doctor = subparsers.add_parser("doctor", help="check this installation")
    doctor.add_argument("--json", action="store_true")
    doctor.set_defaults(run=commands.doctor)

    first = subparsers.add_parser(
        "first-administrator", help="invite the first administrator of the staff app"
    )
    first.add_argument("email")
    first.add_argument("--again", action="store_true", help="even if there is one, who lost access")
    first.set_defaults(run=commands.first_administrator)

    purge = subparsers.add_parser("purge", help="delete conversations past their time")
    purge.add_argument("--days", type=int, help="default: CONOCE_RETENTION_DAYS")
    purge.set_defaults(run=commands.purge)
    return parser


if __name__ == "__main__":
    sys.exit(main())
