"""Who asks. Until sign-in exists, the acting party and the officer come by header, on loopback."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header


@dataclass(frozen=True)
class Asking:
    """The party a request acts for, and the officer who sends it."""

    party: str
    officer: str
    command_id: str
    if_match: int | None


def _asking(
    x_zhifang_unit: Annotated[
        str, Header(description="作出行为的单位或当事方，如 HB / the acting unit or party")
    ],
    x_zhifang_officer: Annotated[str, Header(description="经办人 / the officer")] = "officer",
    idempotency_key: Annotated[
        str | None, Header(description="命令编号，重发用同一编号 / the command id")
    ] = None,
    if_match: Annotated[
        str | None, Header(description="所见案件版本 / the case version seen")
    ] = None,
) -> Asking:
    seen = (if_match or "").strip('W/"')
    return Asking(
        party=x_zhifang_unit,
        officer=x_zhifang_officer,
        command_id=idempotency_key or str(uuid.uuid4()),
        if_match=int(seen) if seen.isdigit() else None,
    )


Who = Annotated[Asking, Depends(_asking)]
