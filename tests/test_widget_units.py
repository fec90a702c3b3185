"""The widget's plain functions, in node; the page itself is tested in tests/system/test_widget_*.py."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT


def test_the_functions_of_the_page_do_what_they_say() -> None:
    node = Path(sys.executable).with_name("node")
    tests = sorted(str(path) for path in (ROOT / "widget" / "test").glob("*.test.ts"))
    done = subprocess.run([node, "--test", *tests], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert len(tests) > 0
    assert "# fail 0" in done.stdout or "fail 0" in done.stdout
