"""For operators 运维: alive, ready, measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector, CollectorRegistry

from api.problems import answers, problem
from api.reads import looking
from domain.reference import STREAM
from projections import checkup, outward
from projections.county import County


@dataclass(frozen=True)
class Alive:
    """The process answers; nothing else was asked."""

    status: Literal["ok"]


@dataclass(frozen=True)
class Health:
    """Where the log and its read models stand; `simulated` says whose data these are."""

    status: Literal["ok"]
    log: int
    read: int
    simulated: str | None


def router(county: County) -> APIRouter:
    """The operators' routes."""
    routes = APIRouter(tags=["运行"])

    @routes.get("/health", summary="进程在运行（不查数据库）")
    def alive() -> Alive:
        return Alive("ok")

    @routes.get("/ready", summary="可以服务：数据库可达，查询模型未落后", responses=answers(503))
    def ready() -> Health:
        found = _health(county)
        if found.log - found.read > checkup.BEHIND:
            zh = f"查询模型落后 {found.log - found.read} 条"
            raise problem(503, "behind", zh, "The read models lag behind the log")
        return found

    @routes.get("/api/v1/health", summary="日志与查询模型的位置", responses=answers(503))
    def health() -> Health:
        return _health(county)

    @routes.get("/metrics", summary="Prometheus 指标", response_class=PlainTextResponse)
    def metrics() -> Response:
        own = CollectorRegistry()
        own.register(_County(county))
        told = generate_latest(REGISTRY) + generate_latest(own)
        return Response(told, media_type=CONTENT_TYPE_LATEST)

    return routes


def _health(county: County) -> Health:
    with looking(county) as view:
        read = view.asked.position
    end = county.log.recorder.max_notification_id() or 0
    return Health("ok", end, read, county.log.fold(STREAM).state.simulated)


class _County(Collector):
    """What the county's tables tell of the work outstanding."""

    def __init__(self, county: County) -> None:
        self.county = county

    def collect(self) -> list[GaugeMetricFamily]:
        with looking(self.county) as view:
            parked, provisional = view.parked_cases(), view.provisional()
            read = view.asked.position
        end = self.county.log.recorder.max_notification_id() or 0
        pending, dead = outward.undelivered(self.county.app)
        return [
            GaugeMetricFamily(f"zhifang_{name}", about, value=value)
            for name, about, value in (
                ("log_position", "Position of the last event", end),
                ("read_lag", "Events not yet in the read models", end - read),
                ("parked_cases", "Cases that cannot be folded", parked),
                ("provisional_tasks", "Open tasks whose date is provisional", provisional),
                ("notices_pending", "Deliveries not yet made", pending),
                ("notices_dead", "Deliveries given up", dead),
            )
        ]
