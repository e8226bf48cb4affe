"""The requirement locks, exported from uv.lock: `python -m tests.locks write` refreshes them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCKS = {
    "requirements-image.lock": ("--no-dev", "--group", "build"),  # a real database, a real bus
    "requirements.lock": ("--no-dev", "--extra", "embedded", "--group", "build"),
    "requirements-test.lock": (
        "--no-dev",
        "--extra",
        "embedded",
        "--group",
        "build",
        "--group",
        "test",
    ),
}


def exported(name: str) -> str:
    """What `uv export` makes of uv.lock for the lock file `name`: hashes, no addresses."""
    uv = Path(sys.executable).parent / "uv"
    given = ("export", "--frozen", "--no-config", "--no-emit-project", "--no-header", "--quiet")
    done = subprocess.run(
        [uv, *given, *LOCKS[name]], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


if __name__ == "__main__":
    for lock in LOCKS:
        (ROOT / lock).write_text(exported(lock))
