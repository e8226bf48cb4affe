"""Many commands in one commit: the same log as one by one, and nothing of a batch half written."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from domain.cases.diagnosis import OpenByApplication, RequestEmployerData
from domain.decider import Refused
from domain.events import Moment
from domain.sealing import Secret
from eventstore.application import IdReusedError, Order
from eventstore.doctor import verify
from eventstore.loading import Loader, OvertakenError
from eventstore.schema import commands, data_keys, events
from tests.conftest import Story, shanghai

DAY = "2025-03-03"


def apply(id: str, subject: str = "S-1") -> Order:
    command = OpenByApplication(
        subject=subject,
        institution="institution:DI-01",
        employer="employer:91330523MA000TE131",
        hazard="矽尘",
        locality="employer_seat",
        worker_name=Secret("合成姓名"),
    )
    return Order(
        command=command,
        id=id,
        actor=f"worker:{subject}",
        recorder="officer-1",
        occurred=Moment.on(shanghai(DAY).date()),
        source="simulated",
    )


def ask(id: str, case: str) -> Order:
    return Order(
        command=RequestEmployerData(items=("职业史",)),
        id=id,
        actor="institution:DI-01",
        recorder="officer-1",
        occurred=Moment.on(shanghai(DAY).date()),
        case=case,
        source="simulated",
    )


@pytest.fixture
def loader(story: Story) -> Loader:
    story.clock.set(shanghai(DAY).replace(hour=9))
    return Loader(story.log.engine, story.log.keyring, story.clock, batch=100)


def count(story: Story) -> int:
    return story.log.recorder.max_notification_id() or 0


def test_nothing_is_written_before_the_flush_and_all_of_it_after(
    story: Story, loader: Loader
) -> None:
    before = count(story)
    first = loader.execute(apply("a"))
    second = loader.execute(ask("b", first.case))
    assert count(story) == before
    loader.flush()
    assert (first.position, second.position) == (before + 1, before + 2)
    assert count(story) == before + 2
    assert story.log.fold(first.case).state == loader.fold(first.case).state
    assert first.case_number == story.log.fold(first.case).number == "DX-2025-0001"
    assert list(verify(story.log.engine)) == []


def test_a_command_sent_again_within_the_batch_or_after_it_adds_nothing(
    story: Story, loader: Loader
) -> None:
    first = loader.execute(apply("a"))
    again = loader.execute(apply("a"))
    loader.flush()
    assert again == first
    assert loader.execute(apply("a")) == story.log.execute(apply("a")) == first
    with pytest.raises(IdReusedError):
        loader.execute(apply("a", "S-2"))


def test_a_refused_command_takes_nothing_of_its_batch_with_it(story: Story, loader: Loader) -> None:
    loader.execute(apply("a"))
    with pytest.raises(Refused):  # one institution holds one open application of a worker
        loader.execute(apply("b"))
    loader.execute(apply("c", "S-2"))
    loader.flush()
    with story.log.engine.connect() as connection:
        ids = set(connection.execute(sa.select(commands.c.id)).scalars())
    assert {"a", "c"} <= ids
    assert "b" not in ids


def test_a_batch_overtaken_by_another_writer_is_dropped_whole(story: Story, loader: Loader) -> None:
    gathered = loader.execute(apply("a"))
    story.log.execute(apply("other", "S-9"))
    with pytest.raises(OvertakenError):
        loader.flush()
    with story.log.engine.connect() as connection:
        streams = set(connection.execute(sa.select(events.c.stream)).scalars())
        subjects = set(connection.execute(sa.select(data_keys.c.subject)).scalars())
    assert gathered.case not in streams
    assert "S-1" not in subjects
    loader.execute(apply("a"))  # and it can be carried out after all
    loader.flush()
    opened = story.log.events.get(gathered.case)
    name = next(iter(opened)).event.worker_name  # type: ignore[attr-defined]
    place = f"{gathered.case}/1/worker_name"
    assert story.log.keyring.open(name, place) == "合成姓名"


def test_orders_in_a_list_are_carried_out_in_turn(story: Story, loader: Loader) -> None:
    loader.batch = 2
    receipts = [loader.execute(apply(f"l-{n}", f"S-{n}")) for n in range(5)]
    loader.flush()
    assert [r.case_number for r in receipts] == [f"DX-2025-000{n}" for n in range(1, 6)]
    assert story.log.fold(receipts[4].case).number == "DX-2025-0005"
