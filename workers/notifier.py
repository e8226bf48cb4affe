"""The notifier 通知: carries notices out by e-mail and webhook, at least once, under a stable id.

A delivery is planned for every notice of a party that has a channel, tried with growing pauses, and
given up visibly. What should have been planned and is not is found again by comparing with the
notices, which come from the log itself.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import smtplib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from threading import Event
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx2
import orjson
import sqlalchemy as sa
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eventstore.codec import instant
from projections import outward, tables
from projections.county import County, Settings
from projections.outward import deliveries
from projections.tables import Tables
from workers.keeping import Keeper

NAME = "notifier"
PAUSE = 1.0
AT_ONCE = 20
ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=5), timedelta(hours=1)
TIMEOUT = 10.0  # seconds for one delivery
RECONCILE_EVERY = 600  # looks
RECONCILED = timedelta(days=7)

logger = structlog.get_logger("zhifang.notifier")


class ChannelsError(Exception):
    """The file of channels has a mistake; the message says where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class MailServer(_Part):
    """Where e-mail is handed over."""

    host: str
    port: int = 25
    sender: str
    starttls: bool = False
    user: str | None = None
    password_file: Path | None = None


class MailTo(_Part):
    """A party's e-mail address."""

    party: str
    address: str


class Webhook(_Part):
    """Another system that is told; `parties` whose notices it gets, all where empty."""

    name: Annotated[str, Field(pattern="^[a-z0-9-]+$")]
    url: str
    secret_file: Path
    parties: list[str] = []


class Channels(_Part):
    """Who is told how. A webhook goes only to an address whose origin is in `allow`."""

    mail: MailServer | None = None
    mail_to: list[MailTo] = []
    webhook: list[Webhook] = []
    allow: list[str] = []


def channels(settings: Settings) -> Channels:
    """The channels of the settings' file. Raises ChannelsError naming what is wrong."""
    path = settings.notices_file
    if path is None:
        return Channels()
    try:
        found = Channels.model_validate(tomllib.loads(path.read_text()))
    except OSError as error:
        raise ChannelsError(
            f"读不到通知渠道文件 {path}（ZHIFANG_NOTICES_FILE） / cannot read it: {error.strerror}"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ChannelsError(f"{path}: TOML 写法有误 / not valid TOML: {error}") from None
    except ValidationError as error:
        places = "；".join(".".join(map(str, e["loc"])) for e in error.errors())
        raise ChannelsError(f"{path}: 这些项有误或不认识 / wrong or unknown: {places}") from None
    for hook in found.webhook:
        if origin(hook.url) not in found.allow:
            raise ChannelsError(
                f"{path}: webhook {hook.name} 的地址来源 {origin(hook.url)} 不在 allow 中"
                " / its origin is not in `allow`"
            )
    if found.mail_to and found.mail is None:
        raise ChannelsError(f"{path}: 有 mail_to 而没有 [mail] / mail_to needs [mail]")
    return found


def origin(url: str) -> str:
    """Scheme, host and port of an address, as `allow` lists them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Channel:
    """One way out: its name in the deliveries, whose notices it gets, how it sends one."""

    name: str
    parties: tuple[str, ...]  # empty: all
    send: Callable[[Mapping[str, Any]], None]  # raises where it is not accepted


def ways_out(given: Channels, source: str) -> list[Channel]:
    """Every channel, ready to send; `source` names this county to the outside."""
    mails = [
        Channel(f"mail:{to.address}", (to.party,), partial(_mail, given.mail, to, source))
        for to in given.mail_to
    ]
    hooks = [
        Channel(f"webhook:{hook.name}", tuple(hook.parties), partial(_post, hook, source))
        for hook in given.webhook
    ]
    return [*mails, *hooks]


def _mail(server: MailServer | None, to: MailTo, source: str, notice: Mapping[str, Any]) -> None:
    assert server is not None
    message = EmailMessage()
    message["Subject"] = notice["text"]
    message["From"], message["To"] = server.sender, to.address
    # A repeat bears the same id, so the reader's mailbox can tell.
    message["Message-ID"] = f"<{notice['id']}@{source.strip('/').replace('/', '.')}>"
    message["Date"] = notice["recorded_at"]
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"{notice['text']}\n\n案件 {notice['number']}，事项 {notice['task']}。\n"
        "请登录职防系统办理。本邮件由系统自动发送，不含当事人信息。\n"
    )
    with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT) as out:
        if server.starttls:
            out.starttls()
        if server.user and server.password_file:
            out.login(server.user, server.password_file.read_text().strip())
        out.send_message(message)


def _post(hook: Webhook, source: str, notice: Mapping[str, Any]) -> None:
    body = orjson.dumps(cloud_event(notice, source))
    moment = str(int(notice["sending_at"].timestamp()))
    secret = hook.secret_file.read_text().strip().encode()
    answer = httpx2.post(
        hook.url,
        content=body,
        headers={
            "Content-Type": "application/cloudevents+json",
            "Webhook-Id": notice["id"],
            "Webhook-Timestamp": moment,
            "Webhook-Signature": signature(secret, notice["id"], moment, body),
        },
        timeout=TIMEOUT,
        follow_redirects=False,  # the allow-list names where it may go
    )
    if not answer.is_success:
        raise OSError(f"HTTP {answer.status_code}")


def signature(secret: bytes, id: str, moment: str, body: bytes) -> str:
    """HMAC-SHA256 over `id.timestamp.body`, as the Standard Webhooks convention has it."""
    signed = f"{id}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()


def cloud_event(notice: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The notice as a CloudEvent; its id is the same at every repeat."""
    names = ("position", "party", "reason", "case", "number", "task", "text")
    legal = notice["legal"]
    return {
        "specversion": "1.0",
        "id": notice["id"],
        "source": source,
        "type": f"notice.{notice['reason']}",
        "time": instant(notice["recorded_at"]),
        "datacontenttype": "application/json",
        "data": {
            **{name: notice[name] for name in names},
            "legal": legal.isoformat() if legal else None,
        },
    }


def run(county: County, stop: Event, channels: Channels) -> None:
    """Plan and deliver until told to stop."""
    notifier = Notifier(county, ways_out(channels, f"/zhifang/{county.settings.schema_name}"))
    Keeper(county.projector, NAME).keep(notifier.step, stop, PAUSE)


class Notifier:
    """Plans deliveries, makes them, and finds those that were lost."""

    def __init__(self, county: County, channels: list[Channel]) -> None:
        self.county, self.channels = county, channels
        self._looks = 0

    def step(self) -> bool:
        """Plan what is new, now and then look for what was lost, deliver what is due."""
        if not self.channels:
            return False
        planned = self.plan()
        if self._looks % RECONCILE_EVERY == 0:
            self.reconcile()
        self._looks += 1
        return self.deliver() + planned > 0

    def plan(self) -> int:
        """Deliveries for the notices since the last place; returns how many."""
        with self.county.projector.begin() as connection:
            into, reached = tables.live(connection)
            begun = {c.name: self._begun(connection, c, reached) for c in self.channels}
            after = outward.place(connection, NAME)
            if after is None:
                after = reached
            planned = sum(
                _plan(connection, into, c, max(after, begun[c.name]), reached)
                for c in self.channels
            )
            outward.put_place(connection, NAME, reached)
        return planned

    def _begun(self, connection: sa.Connection, channel: Channel, reached: int) -> int:
        """The position from which a channel is told; a new one is not told the past."""
        name = f"{NAME}:{channel.name}"
        begun = outward.place(connection, name)
        if begun is None:
            outward.put_place(connection, name, reached)
            return reached
        return begun

    def reconcile(self) -> int:
        """Plan again what the log says was to be told and no delivery shows; returns how many.

        Only of late: what a newer version of the software would have told long ago is not news.
        """
        found = 0
        with self.county.projector.begin() as connection:
            into, _ = tables.live(connection)
            upto = outward.place(connection, NAME) or 0
            since = self.county.log.clock.now() - RECONCILED
            earlier = sa.select(sa.func.max(into.notices.c.position)).where(
                into.notices.c.recorded_at < since
            )
            old = connection.execute(earlier).scalar() or 0
            for channel in self.channels:
                begun = outward.place(connection, f"{NAME}:{channel.name}") or 0
                found += _plan(connection, into, channel, max(begun, old), upto)
        if found:
            logger.warning("lost deliveries planned again", count=found)
        return found

    def deliver(self) -> int:
        """Make the deliveries that are due, each attempt noted before it is made."""
        due = self._claimed()
        for row in due:
            self._attempt(row)
        return len(due)

    def _claimed(self) -> list[dict[str, Any]]:
        """The deliveries due, their next attempt already put off: who dies now has tried."""
        now = self.county.log.clock.now()
        with self.county.projector.begin() as connection:
            into, _ = tables.live(connection)
            wanted = (
                sa.select(deliveries.c.channel, deliveries.c.attempts, into.notices)
                .join(into.notices, into.notices.c.id == deliveries.c.notice)
                .where(deliveries.c.state == "pending", deliveries.c.next_at <= outward.NOW)
                .order_by(deliveries.c.next_at)
                .limit(AT_ONCE)
                .with_for_update(of=deliveries, skip_locked=True)
            )
            rows = [dict(row) for row in connection.execute(wanted).mappings()]
            for row in rows:
                pause = min(FIRST_PAUSE * 2 ** row["attempts"], LONGEST_PAUSE)
                self._mark(
                    connection,
                    row,
                    attempts=row["attempts"] + 1,
                    next_at=outward.NOW + pause,
                )
        return [{**row, "sending_at": now} for row in rows]

    def _attempt(self, row: dict[str, Any]) -> None:
        channel = next((c for c in self.channels if c.name == row["channel"]), None)
        try:
            if channel is None:
                raise OSError("渠道已不在设置中 / the channel is no longer set")
            channel.send(row)
        except Exception as error:
            # Whatever one channel raises must not stop the others.
            told = f"{type(error).__name__}: {error}"[:200]
            given_up = row["attempts"] + 1 >= ATTEMPTS
            state = "dead" if given_up else "pending"
            with self.county.projector.begin() as connection:
                self._mark(connection, row, state=state, error=told)
            log = logger.error if given_up else logger.warning
            log("not delivered", notice=row["id"], channel=row["channel"], error=told)
            return
        with self.county.projector.begin() as connection:
            self._mark(connection, row, state="sent", sent_at=outward.NOW, error=None)

    def _mark(self, connection: sa.Connection, row: dict[str, Any], **values: Any) -> None:
        mine = (deliveries.c.notice == row["id"], deliveries.c.channel == row["channel"])
        connection.execute(sa.update(deliveries).where(*mine).values(**values))


def _plan(connection: sa.Connection, into: Tables, channel: Channel, after: int, upto: int) -> int:
    """A pending delivery for each notice of a channel in a span that has none."""
    notices = into.notices
    wanted = sa.select(notices.c.id, sa.literal(channel.name), notices.c.position).where(
        notices.c.position > after, notices.c.position <= upto
    )
    if channel.parties:
        wanted = wanted.where(notices.c.party.in_(channel.parties))
    plan = (
        sa.dialects.postgresql.insert(deliveries)
        .from_select(["notice", "channel", "position"], wanted)
        .on_conflict_do_nothing()
        .returning(deliveries.c.notice)
    )
    return len(connection.execute(plan).all())
