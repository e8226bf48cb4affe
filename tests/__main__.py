"""Every check, in the order of how fast it tells; the first that fails is named."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BIN = Path(sys.executable).parent
CHECKS = {
    "ruff check": ("ruff", "check", "."),
    "ruff format": ("ruff", "format", "--check", "."),
    "import contracts": ("lint-imports",),
    "strict types": ("mypy",),
    # Most of the time is spent waiting for servers: three side by side on two cores.
    "pytest": ("pytest", "-n", "3", "--dist", "loadfile"),
}


def main() -> int:
    for name, (tool, *arguments) in CHECKS.items():
        print(f"— {name}", flush=True)
        if subprocess.run([BIN / tool, *arguments], cwd=Path(__file__).parent.parent).returncode:
            print(f"未通过 / failed: {name}")
            return 1
    print("全部检查通过 / every check passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
