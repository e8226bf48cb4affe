"""The only clock. Read at the door and under the log's lock, passed inward as an argument."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

from eventstore.recorder import ClockError

DRIFT = timedelta(minutes=2)


class Clock(Protocol):
    """Gives the time; `injected` clocks may write only to a log marked as simulated."""

    injected: bool

    def now(self) -> datetime: ...

    def checked(self, last: datetime | None) -> datetime:
        """The recording time, given the last one. Raises ClockError rather than go backwards."""


def _not_before(last: datetime | None, now: datetime) -> datetime:
    if last is not None and now < last:
        raise ClockError(
            f"系统时间 {now:%Y-%m-%d %H:%M:%S} 早于日志最后一条记录 {last:%Y-%m-%d %H:%M:%S}"
            "（UTC），请校准服务器时钟后重试"
            " / The system clock is behind the log's last event: set the clock right and retry"
        )
    return now


class SystemClock:
    """Wall time, watched against the boot-time clock: a wall clock that jumps may not write."""

    injected = False

    def __init__(self) -> None:
        self._wall, self._boot = time.time(), _boot_time()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def checked(self, last: datetime | None) -> datetime:
        drift = timedelta(seconds=(time.time() - self._wall) - (_boot_time() - self._boot))
        if abs(drift) > DRIFT:
            raise ClockError(
                f"系统时间自启动以来跳变了 {drift.total_seconds():.0f} 秒，请校准时钟并重启服务"
                " / The wall clock jumped since start: set it right and restart"
            )
        return _not_before(last, self.now())


class InjectedClock:
    """A clock set by hand, for scenarios and simulated logs only."""

    injected = True

    def __init__(self, at: datetime) -> None:
        self._at = at

    def set(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def checked(self, last: datetime | None) -> datetime:
        return _not_before(last, self._at)


def _boot_time() -> float:
    """Seconds since boot, idle and suspended time included where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))
