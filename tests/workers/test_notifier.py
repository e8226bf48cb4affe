"""The notifier: at least once under a stable id, over a real mail server and HTTP listener."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from domain.acts import SuperviseTask
from domain.decider import COMMAND_TYPES
from eventstore.clock import InjectedClock
from projections import outward
from projections.county import County, Settings
from projections.outward import deliveries
from tests.conftest import Story
from workers import notifier
from workers.bus import free_port
from workers.notifier import ATTEMPTS, Channels, ChannelsError, Notifier, ways_out

SECRET = "合成密钥-仅供测试"
SOURCE = "/zhifang/test"


@dataclass
class Mailbox:
    """A mail server of our own, and what it was handed."""

    received: list[EmailMessage] = field(default_factory=list)
    refusing: bool = False
    port: int = 0

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refusing:
            return "451 try later"
        told = message_from_bytes(envelope.content, policy=policy.default)
        self.received.append(told)
        return "250 OK"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    box = Mailbox()
    box.port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    yield box
    controller.stop()


@dataclass
class Listener:
    """Another system's webhook: what it was sent, and what it answers."""

    url: str = ""
    received: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)  # one a request; then 204


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.received.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(heard.answers.pop(0) if heard.answers else 204)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield heard
    server.shutdown()


@pytest.fixture
def channels(tmp_path: Path, mailbox: Mailbox, listener: Listener) -> Channels:
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    file = tmp_path / "notices.toml"
    file.write_text(
        f'allow = ["{notifier.origin(listener.url)}"]\n'
        f'[mail]\nhost = "127.0.0.1"\nport = {mailbox.port}\nsender = "zhifang@county.example"\n'
        '[[mail_to]]\nparty = "institution:DI-01"\naddress = "di@county.example"\n'
        f'[[webhook]]\nname = "peer"\nurl = "{listener.url}"\nsecret_file = "{secret}"\n'
    )
    return notifier.channels(Settings(notices_file=file))


@pytest.fixture
def at_work(told_county: County, channels: Channels) -> Notifier:
    """A notifier that begins now; what comes after it is told."""
    made = Notifier(told_county, ways_out(channels, SOURCE))
    made.step()
    return made


def apply(county: County, name: str) -> None:
    """A worker applies and is asked for nothing: the institution has something new to do."""
    command = COMMAND_TYPES["diagnosis.open_by_application"].cls(
        subject=f"S-{name}",
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="苯",
        locality="employer_seat",
    )
    Story(county.log).do("2026-06-20", f"worker:S-{name}", command, id=f"apply-{name}")
    county.engine.catch_up()


def rows(county: County) -> list[dict[str, Any]]:
    return outward.listing(county.app, None, 100)


def due_again(county: County) -> None:
    """Let the pause before the next attempt be over."""
    with county.projector.begin() as connection:
        connection.execute(sa.update(deliveries).values(next_at=sa.func.now()))


def test_a_new_task_is_told_by_mail_and_webhook_without_personal_data(
    told_county: County, at_work: Notifier, mailbox: Mailbox, listener: Listener
) -> None:
    apply(told_county, "mail")
    at_work.step()
    assert {row["state"] for row in rows(told_county)} == {"sent"}
    [mail] = [m for m in mailbox.received if "作出职业病诊断结论" in m["Subject"]]
    assert mail["To"] == "di@county.example"
    events = [json.loads(body) for _, body in listener.received]
    assert {e["data"]["party"] for e in events} >= {"institution:DI-01"}
    assert f"<{events[0]['id']}@zhifang.test>" in {m["Message-ID"] for m in mailbox.received}
    told = mail.as_string() + json.dumps(events, ensure_ascii=False)
    assert "苯" not in told
    assert "S-mail" not in told


def test_a_webhook_is_a_signed_cloud_event(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    apply(told_county, "signed")
    at_work.step()
    headers, body = listener.received[0]
    event = json.loads(body)
    assert headers["content-type"] == "application/cloudevents+json"
    assert {"specversion", "id", "source", "type", "time", "data"} <= set(event)
    assert headers["webhook-id"] == event["id"]
    signed = f"{event['id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest())
    assert headers["webhook-signature"] == f"v1,{expected.decode()}"


def test_what_was_not_accepted_is_tried_again_later_under_the_same_id(
    told_county: County, at_work: Notifier, listener: Listener, mailbox: Mailbox
) -> None:
    listener.answers, mailbox.refusing = [500], True
    apply(told_county, "retry")
    at_work.step()
    failed = [row for row in rows(told_county) if row["state"] == "pending"]
    assert failed
    assert all(row["attempts"] == 1 and row["error"] for row in failed)
    at_work.step()
    assert len(listener.received) == len({id for id, _ in _ids(listener)})
    mailbox.refusing = False
    due_again(told_county)
    at_work.step()
    assert {row["state"] for row in rows(told_county)} == {"sent"}
    first, again = listener.received[0], listener.received[-1]
    assert first[0]["webhook-id"] == again[0]["webhook-id"]


def _ids(listener: Listener) -> list[tuple[str, bytes]]:
    return [(headers["webhook-id"], body) for headers, body in listener.received]


def test_a_redirect_is_not_followed(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    listener.answers = [302]
    apply(told_county, "redirect")
    at_work.step()
    [row] = [r for r in rows(told_county) if r["state"] == "pending"]
    assert "302" in row["error"]


def test_what_fails_too_often_is_given_up_visibly_and_can_be_sent_again(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    listener.answers = [503] * ATTEMPTS
    apply(told_county, "dead")
    for _ in range(ATTEMPTS):
        at_work.step()
        due_again(told_county)
    [dead] = outward.listing(told_county.app, "dead", 10)
    assert dead["attempts"] == ATTEMPTS
    assert outward.undelivered(told_county.app)[1] == 1
    assert outward.resend(told_county.app, dead["notice"], dead["channel"])
    assert not outward.resend(told_county.app, dead["notice"], "mail:nobody")
    at_work.step()
    assert outward.undelivered(told_county.app) == (0, 0)
    assert listener.received[-1][0]["webhook-id"] == dead["notice"]


def test_a_lost_delivery_is_found_by_comparing_with_the_log_and_sent_again(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    apply(told_county, "lost")
    at_work.plan()
    with told_county.projector.begin() as connection:
        lost = connection.execute(sa.delete(deliveries).returning(deliveries.c.notice)).all()
    assert lost
    assert at_work.deliver() == 0
    assert at_work.reconcile() == len(lost)
    at_work.deliver()
    assert {id for id, _ in _ids(listener)} == {row.notice for row in lost}


def test_what_is_long_past_is_not_told_as_news(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    """A newer version of the software may find notices in old events: they stay untold."""
    apply(told_county, "old")
    at_work.plan()
    with told_county.projector.begin() as connection:
        connection.execute(sa.delete(deliveries))
    assert isinstance(told_county.log.clock, InjectedClock)
    told_county.log.clock.set(told_county.log.clock.now() + timedelta(days=8))
    assert at_work.reconcile() == 0


def test_killed_between_attempt_and_record_it_sends_again_and_the_repeat_is_recognisable(
    told_county: County, at_work: Notifier, listener: Listener, channels: Channels
) -> None:
    apply(told_county, "killed")
    at_work.plan()
    claimed = at_work._claimed()
    for row in claimed:  # sent, and then the process is gone before it can say so
        next(c for c in at_work.channels if c.name == row["channel"]).send(row)
    heir = Notifier(told_county, ways_out(channels, SOURCE))
    assert heir.deliver() == 0  # the other may still be at it
    due_again(told_county)
    heir.deliver()
    told = [id for id, _ in _ids(listener)]
    assert len(told) == 2 * len(set(told))
    assert {row["state"] for row in rows(told_county)} == {"sent"}


def test_two_notifiers_at_once_send_each_notice_once(
    told_county: County, at_work: Notifier, listener: Listener, channels: Channels
) -> None:
    for number in range(12):
        apply(told_county, f"both-{number}")
    other = Notifier(told_county, ways_out(channels, SOURCE))
    threads = [threading.Thread(target=n.step) for n in (at_work, other) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    at_work.step()
    told = [id for id, _ in _ids(listener)]
    assert len(told) == len(set(told)) >= 12


def test_a_new_channel_is_not_told_the_past(
    told_county: County, at_work: Notifier, mailbox: Mailbox, listener: Listener
) -> None:
    at_work.reconcile()
    at_work.step()
    assert mailbox.received == []
    assert listener.received == []


def test_pressing_a_task_is_told_to_its_holder(
    told_county: County, at_work: Notifier, listener: Listener
) -> None:
    apply(told_county, "pressed")
    case = json.loads(listener.received[0][1])["data"]["case"] if at_work.step() else ""
    task = next(t for t in told_county.log.fold(case).open_tasks() if t.is_duty)
    Story(told_county.log).do(
        "2026-06-22", "LGO", SuperviseTask(task=task.id, note="请抓紧"), case, id="press"
    )
    told_county.engine.catch_up()
    at_work.step()
    last = [json.loads(body) for _, body in listener.received[1:]]
    assert {e["type"] for e in last} == {"notice.pressed"}
    # An outside party's duty is told to the unit that supervises it, too.
    assert {e["data"]["party"] for e in last} == {"institution:DI-01", "HB"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[mail", "TOML"),
        ('[[webhook]]\nname = "Bad Name"\nurl = "http://x"\nsecret_file = "s"', "webhook.0.name"),
        ('[[webhook]]\nname = "x"\nurl = "http://10.0.0.1/"\nsecret_file = "s"', "allow"),
        ('[[mail_to]]\nparty = "HB"\naddress = "a@b"', "mail_to"),
        ("strange = 1", "strange"),
    ],
)
def test_a_mistake_in_the_file_of_channels_is_explained(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "notices.toml"
    file.write_text(text)
    with pytest.raises(ChannelsError, match=told):
        notifier.channels(Settings(notices_file=file))


def test_a_missing_file_of_channels_is_named(tmp_path: Path) -> None:
    with pytest.raises(ChannelsError, match="ZHIFANG_NOTICES_FILE"):
        notifier.channels(Settings(notices_file=tmp_path / "none.toml"))
