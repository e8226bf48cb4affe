"""The county's state of health beyond the log itself: what lags, waits, was given up, runs out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from domain.events import shanghai_day
from eventstore.doctor import Finding
from projections import outward
from projections.county import County

BEHIND = 1_000  # events the read models may lag and still be called ready
NOTICE = timedelta(days=60)  # before the last published calendar year ends


def findings(county: County, workers: Iterable[str] = outward.WORKERS) -> Iterator[Finding]:
    """What an operator should know; `workers` names those that should be at work."""
    end = county.log.recorder.max_notification_id() or 0
    with county.reading.view(county.log.clock.now()) as view:
        read, parked, provisional = view.asked.position, view.parked_cases(), view.provisional()
        relayed = outward.place(view.connection, "relay")
    if end - read > BEHIND:
        zh = f"查询模型落后日志 {end - read} 条；请查看 projector 是否在运行"
        yield Finding("warning", "lag", zh, f"The read models lag by {end - read} events")
    if relayed is not None and end - relayed > BEHIND:
        zh = f"消息总线落后日志 {end - relayed} 条；请查看 relay 的日志"
        yield Finding("warning", "relay-lag", zh, f"The bus lags by {end - relayed} events")
    if parked:
        zh = f"{parked} 件案件无法折叠，已停办；修复后 zhifang rebuild"
        yield Finding("error", "parked", zh, f"{parked} cases are parked: mend, then rebuild")
    pending, dead = outward.undelivered(county.app)
    if dead:
        zh = f"{dead} 条外送通知已放弃；用 zhifang notices dead 查看，resend 重发"
        yield Finding("warning", "undelivered", zh, f"{dead} deliveries were given up")
    if pending > BEHIND:
        zh = f"{pending} 条外送通知未送出"
        yield Finding("warning", "pending", zh, f"{pending} deliveries are waiting")
    if provisional:
        zh = f"{provisional} 个未结事项的期限是暂定的，待新日历公布并采用"
        yield Finding("warning", "provisional", zh, f"{provisional} open dates are provisional")
    yield from _calendar(county)
    if idle := outward.stale(county.app, workers):
        zh = f"后台任务无人在做：{'、'.join(idle)}；请启动 zhifang serve 或 python -m workers"
        yield Finding("warning", "workers", zh, f"Nobody does: {', '.join(idle)}")


def _calendar(county: County) -> Iterator[Finding]:
    published = county.log.reference_in_force().calendar.published
    today = shanghai_day(county.log.clock.now())
    if not published:
        yield Finding("error", "calendar", "没有采用任何日历", "No calendar is adopted")
    elif today + NOTICE > date(last := max(published), 12, 31):
        zh = f"已公布的日历只到 {last} 年；请在国务院办公厅公布后采用新日历（zhifang law adopt）"
        yield Finding("warning", "calendar", zh, f"The calendar runs out with {last}: adopt")
