"""The protocol of the website with the Socket.IO client of npm, against the running assistant."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bot.settings import ROOT
from tests.system.conftest import Server


def test_the_client_of_npm_is_understood_in_both_ways(server: Server) -> None:
    node = Path(sys.executable).with_name("node")
    script = ROOT / "widget" / "test" / "client.mjs"
    done = subprocess.run([node, script, server.url], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert "150" in told["usual"]["text"]
    assert told["usual"]["quick_replies"]
    assert told["first"]["replies"][0]["conoce"]["faq_id"] == "raids_ice_at_door"
    assert told["first"]["replies"][0]["conoce"]["translations"]["es"]["buttons"]
    assert told["again"] == told["first"]
    assert told["rated"] == {"noted": True}
    assert told["erased"] == {"erased": True}
    assert told["malformed"]["code"] == "malformed"
