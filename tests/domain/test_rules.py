"""The law as data: what an edition holds, what changes on which day, how mistakes are reported."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import domain
from api import law
from domain.cases import CASE_KINDS, kind_names
from domain.rules import LawError, Mistake, content_hash, parse_calendar, parse_edition, split
from tests.corpus.digests import laws
from tests.spec import reference

EDITION = reference().edition
LAW, CALENDAR = split(law.files())


def mistakes(path: str, old: str, new: str) -> list[Mistake]:
    """What the check reports when `old` becomes `new` in one file of the shipped law."""
    assert LAW[path].count(old) >= 1, f"{path} no longer says {old}"
    with pytest.raises(LawError) as caught:
        parse_edition({**LAW, path: LAW[path].replace(old, new, 1)}, kinds=kind_names())
    return caught.value.mistakes


def line_of(path: str, text: str) -> int:
    """The line of the table header above `text`."""
    above = LAW[path][: LAW[path].index(text)].splitlines()
    return max(n for n, line in enumerate(above, 1) if line.startswith("[["))


# --- What the edition holds ---------------------------------------------------------------------


def test_the_shipped_law_is_valid_against_the_code() -> None:
    assert parse_edition(LAW, kinds=kind_names()).id == EDITION.id == content_hash(LAW)


def test_every_condition_is_named_by_some_edition_that_a_log_may_hold() -> None:
    editions = [EDITION, *(law.edition for law in laws().values())]
    named = {
        (rule.kind, condition)
        for edition in editions
        for rule in edition.rules
        for condition in (rule.when, rule.closed_when, rule.starts_when, rule.void_when)
    }
    offered = {(kind, name) for kind, names in kind_names().items() for name in names.conditions}
    assert offered - named == set()


def test_the_county_has_its_units() -> None:
    classes = [unit.klass for unit in EDITION.units.values()]
    assert (classes.count("department"), classes.count("township")) == (14, 15)
    assert {"LG", "LGO", "CGO", "HB"} <= EDITION.units.keys()
    # The office is an identity apart from 卫健局.
    assert EDITION.units["LGO"].name != EDITION.units["HB"].name
    townships = [unit for unit in EDITION.units.values() if unit.klass == "township"]
    assert all(unit.area in EDITION.areas for unit in townships)


def test_every_rule_cites_a_clause_and_every_dated_rule_a_deadline_of_its_days() -> None:
    for rule in EDITION.rules:
        assert rule.clauses
        if rule.deadline:
            assert EDITION.deadline(rule.deadline, date(2026, 3, 2)), rule.id


def test_an_appraisal_had_sixty_days_until_the_new_rules_of_2021_and_has_forty_since() -> None:
    before = EDITION.deadline("D48", date(2021, 1, 3))
    since = EDITION.deadline("D48", date(2021, 1, 4))
    assert (before and before.length, since and since.length) == (60, 40)


def test_the_disease_catalogue_changes_on_the_first_of_august_2025() -> None:
    before, since = (EDITION.catalogue(date(2025, *day)) for day in ((7, 31), (8, 1)))
    assert before is not None
    assert since is not None
    assert (before.id, since.id) == ("catalogue-2013", "catalogue-2024")
    assert (len(before.categories), len(since.categories)) == (10, 12)
    # Silicosis stands in both, and needs its stage.
    for catalogue in (before, since):
        silicosis = catalogue.named("矽肺")
        assert silicosis is not None
        assert "壹期" in silicosis.stages


def test_an_edition_is_named_by_its_bytes() -> None:
    path = "odl/rules.toml"
    assert content_hash({**LAW, path: LAW[path] + "\n"}) != EDITION.id
    moved = {("x/" + p if p == path else p): text for p, text in LAW.items()}
    assert content_hash(moved) != EDITION.id
    assert content_hash(dict(reversed(LAW.items()))) == EDITION.id


# --- Mistakes, each with its file and line ------------------------------------------------------

RULES, TIMES = "odl/rules.toml", "odl/deadlines.toml"
SLIPS = {
    "an unknown clause": (RULES, '"o6-23"]', '"o6-999"]', "o6-999"),
    "an unknown deadline": (RULES, 'deadline = "D42"', 'deadline = "D4Z"', "D4Z"),
    "an unknown event": (
        *(RULES, 'closed_by = ["diagnosis.data_supplied"]'),
        *('closed_by = ["diagnosis.data_sent"]', "diagnosis.data_sent"),
    ),
    "an unknown condition": (RULES, 'when = "is_od"', 'when = "is_odd"', "is_odd"),
    "an unknown holder": (RULES, 'holder = "institution"', 'holder = "doctor"', "doctor"),
    "an unknown supervisor": (RULES, 'supervisor = "HB"', 'supervisor = "HX"', "HX"),
    "an unknown kind": (RULES, 'kind = "diagnosis"', 'kind = "diagnoses"', "diagnoses"),
    "an unknown key": (RULES, 'nature = "duty"', 'nature = "duty"\ncolour = "red"', "colour"),
    "a missing key": (RULES, 'title = "提供职业史', '# title = "提供职业史', "title"),
    "a return to nobody known": (
        *("petition/rules.toml", 'returned_to = "LGO"', 'returned_to = "LGX"', "LGX"),
    ),
    "a wrong nature": (RULES, 'nature = "right"', 'nature = "wish"', "wish"),
    "a suspension without its end": (
        *(RULES, 'resumed_by = ["diagnosis.ruling_given", "diagnosis.arbitration_concluded"]'),
        *('resumed_by = ["diagnosis.ruling_given"]', "resumed_by"),
    ),
    "an unknown rule to wait for": (
        *(RULES, 'appears_after = "dx.employer-data"', 'appears_after = "dx.employer"'),
        "dx.employer",
    ),
    "a field the event lacks": (RULES, 'holder = "@party"', 'holder = "@person"', "person"),
    "a receipt the event lacks": (
        *(RULES, 'received = "received_on"', 'received = "arrived_on"', "arrived_on"),
    ),
    "a wrong unit of length": (TIMES, 'unit = "calendar_days"', 'unit = "days"', "days"),
    "a length that is no number": (TIMES, "length = 10", 'length = "ten"', "ten"),
    "a day that is no day": (TIMES, "until = 2021-01-03", 'until = "2021"', "2021"),
    "two intervals that overlap": (TIMES, "from = 2021-01-04", "from = 2021-01-03", "D48"),
    "a deadline that cites nothing known": (TIMES, '["o6-20"]', '["o6-0"]', "o6-0"),
}


@pytest.mark.parametrize(("path", "old", "new", "named"), SLIPS.values(), ids=SLIPS.keys())
def test_a_slip_is_reported_where_it_stands(path: str, old: str, new: str, named: str) -> None:
    # What cites the entry that could not be read may be reported too, at its own place.
    there = [
        mistake
        for mistake in mistakes(path, old, new)
        if (mistake.file, mistake.line) == (path, line_of(path, old))
    ]
    assert any(named in mistake.message for mistake in there), there
    assert str(there[0]).startswith(f"{path}:{there[0].line}: ")


def test_broken_toml_is_reported_with_its_line() -> None:
    (first, *_) = [m for m in mistakes(TIMES, "length = 15", "length = = 15") if m.file == TIMES]
    assert first.line == LAW[TIMES][: LAW[TIMES].index("length = 15")].count("\n") + 1
    assert "TOML" in first.message


def test_a_clause_defined_twice_names_both_places() -> None:
    path = "odl/clauses.toml"
    last = LAW[path][LAW[path].rindex("[[clause]]") :]
    with pytest.raises(LawError) as caught:
        parse_edition({**LAW, path: LAW[path] + "\n" + last}, kinds=kind_names())
    (twice,) = caught.value.mistakes
    assert twice.line > LAW[path].count("\n")
    assert f"{path}:{LAW[path][: LAW[path].rindex('[[clause]]')].count(chr(10)) + 1}" in (
        twice.message
    )


def test_a_disease_in_a_category_the_catalogue_lacks_is_reported() -> None:
    path = "catalogue/2024.toml"
    (wrong,) = mistakes(path, "category = 1\n", "category = 99\n")
    assert (wrong.file, "99" in wrong.message) == (path, True)
    assert wrong.line > 1


def test_every_mistake_is_reported_at_once() -> None:
    files = dict(LAW)
    for path, old, new, _ in (SLIPS["an unknown clause"], SLIPS["a wrong unit of length"]):
        files[path] = files[path].replace(old, new, 1)
    files["policy/tasks.toml"] = files["policy/tasks.toml"].replace("petition-22", "petition-0")
    with pytest.raises(LawError) as caught:
        parse_edition(files, kinds=kind_names())
    assert {m.file for m in caught.value.mistakes} == {RULES, TIMES, "policy/tasks.toml"}


@pytest.mark.parametrize("policy", ["return-window-working-days", "near-due-days"])
def test_a_policy_value_every_task_reads_must_be_there_and_be_a_number(policy: str) -> None:
    path = "policy/tasks.toml"
    (missing,) = mistakes(path, f'id = "{policy}"', 'id = "another"')
    assert policy in missing.message
    value = "value = 5" if policy.startswith("return") else "value = 3"
    (wrong,) = mistakes(path, value, 'value = "some"')
    assert (wrong.file, wrong.line) == (path, line_of(path, value))


@pytest.mark.parametrize("name", [name for name, kind in CASE_KINDS.items() if kind.policies])
def test_every_policy_a_kind_decides_by_must_be_there(name: str) -> None:
    kind = CASE_KINDS[name]
    files = dict(LAW)
    for id in kind.policies:
        for path in LAW:
            files[path] = files[path].replace(f'id = "{id}"', f'id = "no-{id}"')
    with pytest.raises(LawError) as caught:
        parse_edition(files, kinds=kind_names())
    told = " ".join(mistake.message for mistake in caught.value.mistakes)
    assert [id for id in kind.policies if f"缺少口径 {id}（" not in told] == []


def test_every_policy_the_code_of_a_kind_reads_is_one_it_names() -> None:
    """Read off the source: `policy("…")`, and patterns such as `power-{violation}`."""
    named = {id for kind in CASE_KINDS.values() for id in kind.policies}
    read = {
        found
        for path in Path(domain.__file__).parent.glob("cases/**/*.py")
        for found in re.findall(r"""(?:policy|policies\.get)\(\s*f?"([^"]+)\"""", path.read_text())
    }
    assert {"inspection-visits-a-year", "power-{violation}"} <= read
    patterns = {id: re.compile(re.sub(r"\{[\w.]+\}", r"\\w+", id)) for id in read}
    assert [id for id in read if not any(map(patterns[id].fullmatch, named))] == []


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("published = true", "published = true\nwork = [2025-02-01]", ""),
        ("2026-10-01", "2027-10-01", "2027-10-01"),
        ("2026-10-01", '"2026-10-01"', "2026-10-01"),
        ("year = 2026", 'year = "next"', "year"),
    ],
)
def test_a_slip_in_a_calendar_is_reported_where_it_stands(old: str, new: str, named: str) -> None:
    path = "calendar/2026.toml"
    assert old in CALENDAR[path]
    with pytest.raises(LawError) as caught:
        parse_calendar({**CALENDAR, path: CALENDAR[path].replace(old, new, 1)})
    assert all(m.file == path for m in caught.value.mistakes)
    assert any(named in m.message for m in caught.value.mistakes)


def test_a_day_cannot_both_rest_and_be_worked() -> None:
    path = "calendar/2026.toml"
    text = CALENDAR[path]
    worked = text.index("work = [") + len("work = [")
    with pytest.raises(LawError, match="2026-10-01"):
        parse_calendar({**CALENDAR, path: f"{text[:worked]}2026-10-01, {text[worked:]}"})
