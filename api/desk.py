"""Papers at the terminal: issue, deliver and print letters, file and fetch documents."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from api import papers, reads
from api.terminal import AsOf, Json, county, fail, out, show
from domain.papers import (
    METHODS,
    PAPER_KINDS,
    DeliverLetter,
    FileDocument,
    IssueLetter,
    WithdrawLetter,
)
from domain.rules import Edition
from domain.units import role_name
from eventstore import documents
from eventstore.application import Order, Receipt
from eventstore.documents import Intake, TooLargeError, WrongTypeError
from projections.county import County

PIECE = 1 << 16  # bytes read at a time
By = Annotated[str, typer.Option("--as", help="作出行为的单位，如 HB / the acting unit")]
Officer = Annotated[str, typer.Option(help="经办人 / the officer")]
Case = Annotated[str, typer.Argument(help="案号或案件编号 / the case")]
LetterNumber = Annotated[str, typer.Argument(help="文号，如 安卫职告〔2026〕3号")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of letters and documents to `zhifang`."""
    letter = typer.Typer(no_args_is_help=True, help="文书 / letters")
    letter.command("templates")(templates)
    letter.command("issue")(issue)
    letter.command("deliver")(deliver)
    letter.command("withdraw")(withdraw)
    letter.command("show")(shown)
    app.add_typer(letter, name="letter")
    document = typer.Typer(no_args_is_help=True, help="材料 / documents")
    document.command("put")(put)
    document.command("get")(get)
    app.add_typer(document, name="document")


def templates(json: Json = False) -> None:
    """现行版次的文书模板 / the kinds of letter there are."""
    with county() as found:
        edition = found.log.reference_in_force().edition
        known = list(edition.letters.values())

    def table() -> Table:
        title = f"文书模板（{len(known)}）"
        made = Table(title=title, title_justify="left", show_lines=True)
        made.add_column("名称与编号", no_wrap=True)  # an id is copied whole
        made.add_column("由、致、填写", overflow="fold")
        for t in known:
            told = [f"由：{_called(t.units, edition)}", f"致：{_called(t.to, edition)}"]
            told += [f"填写：{name}={label}" for name, label in t.asks.items()]
            made.add_row(f"{t.title}\n[dim]{t.id}[/dim]", "\n".join(told))
        return made

    show(known, json, table)


CLASSES = {"department": "各部门", "township": "各乡镇（街道）", "body": "领导与协调机构"}


def _called(parties: Iterable[str], edition: Edition) -> str:
    """Who issues or receives a template, by name; a code an officer types stays beside it."""
    names = {**edition.unit_names, **CLASSES, "unit": "单位"}
    return "、".join(f"{names.get(p) or role_name(p)}（{p}）" for p in parties)


def issue(
    case: Case,
    template: Annotated[str, typer.Argument(help="模板编号，见 zhifang letter templates")],
    to: Annotated[list[str], typer.Option(help="致：单位、当事方或其身份（worker）；可重复")],
    by: By,
    value: Annotated[list[str] | None, typer.Option(help="填写：名=内容；可重复")] = None,
    corrects: Annotated[str | None, typer.Option(help="更正并代替的已送达文书的文号")] = None,
    officer: Officer = "officer",
) -> None:
    """发出文书并取号 / issue a letter; prints its number and text."""
    values = {}
    for given in value or []:
        name, equals, text = given.partition("=")
        if not equals:
            fail(f"--value 应写作 名=内容，而不是 {given} / write --value name=text")
        values[name] = text
    with county() as found:
        given_command = IssueLetter(
            template=template, to=tuple(to), values=values, corrects=corrects
        )
        receipt = _carried_out(found, given_command, case, by, officer)
        fold = found.log.fold(receipt.case)
        letter = papers.letter_of(fold, receipt.document_number or "")
        text = papers.rendered(found, letter).text()
    out.print(f"已发出 {receipt.document_number} / issued\n", highlight=False)
    out.print(text, markup=False, highlight=False)


def deliver(
    case: Case,
    number: LetterNumber,
    to: Annotated[str, typer.Option(help="受送达人 / whom it reached")],
    method: Annotated[str, typer.Option(help="、 ".join(METHODS))],
    by: By,
    receipt: Annotated[str | None, typer.Option(help="回执、邮件或公告编号 / slip number")] = None,
    document: Annotated[str | None, typer.Option(help="已归档凭证的哈希 / a filed proof")] = None,
    announced_on: Annotated[str | None, typer.Option(help="公告发布日，公告送达须写")] = None,
    officer: Officer = "officer",
) -> None:
    """登记送达及其凭证 / record a delivery and its proof."""
    given = _built(
        DeliverLetter,
        letter=number,
        to=to,
        method=method,
        receipt=receipt,
        document=document,
        announced_on=announced_on,
    )
    with county() as found:
        _carried_out(found, given, case, by, officer)
    out.print("已登记 / recorded")


def withdraw(
    case: Case,
    number: LetterNumber,
    reason: Annotated[str, typer.Option(help="作废的理由 / why")],
    by: By,
    officer: Officer = "officer",
) -> None:
    """作废文书；文号不再使用 / withdraw a letter; its number is not given again."""
    with county() as found:
        _carried_out(found, WithdrawLetter(letter=number, reason=reason), case, by, officer)
    out.print("已作废 / withdrawn")


def shown(case: Case, number: LetterNumber, as_of: AsOf = None, json: Json = False) -> None:
    """文书全文 / the text of a letter."""
    with county() as found, reads.looking(found, as_of) as view:
        letter = papers.letter_of(papers.folded(view, case), number)
        text = papers.rendered(found, letter).text()
    if json:
        show({"number": number, "text": text, "sha256": letter.issued.sha256}, json, str)
    else:
        out.print(text, markup=False, highlight=False)


def put(
    file: Annotated[Path, typer.Argument(help="要归档的文件 / the file", dir_okay=False)],
    case: Annotated[str, typer.Option(help="案号 / the case")],
    title: Annotated[str, typer.Option(help="名称，不写个人姓名 / a title without names")],
    by: By,
    kind: Annotated[str, typer.Option(help="、 ".join(PAPER_KINDS))] = "other_paper",
    replaces: Annotated[str | None, typer.Option(help="所替换材料的哈希")] = None,
    officer: Officer = "officer",
) -> None:
    """存入材料并归档到案件 / store a file and put it on a case."""
    if not file.is_file():
        fail(f"没有文件 {file} / no such file")
    with county() as found:
        limit = found.settings.max_document_bytes
        types = papers.document_types(found.settings)
        try:
            with Intake(found.log.keyring, limit, types) as intake, file.open("rb") as source:
                while data := source.read(PIECE):
                    intake.take(data)
                stored = intake.keep(found.log.engine, by)
        except TooLargeError:
            fail(f"文件超过 {limit:,} 字节的上限，没有保存 / more than the limit, not stored")
        except WrongTypeError:
            fail(f"不是可归档的类型（{'、'.join(types)}），没有保存 / not a type that may be filed")
        given = _built(
            FileDocument, sha256=stored.sha256, title=title, kind=kind, replaces=replaces
        )
        _carried_out(found, given, case, by, officer)
    out.print(f"已归档 / filed {stored.sha256}", highlight=False)


def get(
    case: Case,
    sha256: Annotated[str, typer.Argument(help="材料的哈希 / its hash")],
    to: Annotated[Path, typer.Option("--out", help="写到哪里，不覆盖 / a new file")],
) -> None:
    """取出案件的材料 / write a document of a case to a file."""
    with county() as found, reads.looking(found) as view:
        if sha256 not in papers.folded(view, case).papers.documents:
            fail("本案没有这一材料 / no such document on this case")
        pieces = documents.opened(found.log.engine, found.log.keyring, sha256)
        try:
            with to.open("xb") as target:
                target.writelines(pieces)
        except FileExistsError:
            fail(f"{to} 已存在，不覆盖 / exists: choose another name")
    out.print(f"已写出 {to} / written", markup=False, highlight=False)


def _built(cls: type[Any], /, **given: Any) -> Any:
    """A command from what was typed; wrong codes are said in words."""
    try:
        return TypeAdapter(cls).validate_python(given)
    except ValidationError as error:
        names = "、".join(str(e["loc"][0]) for e in error.errors())
        fail(f"{names} 不合要求，见 --help / does not fit, see --help")


def _carried_out(found: County, command: Any, case: str, by: str, officer: str) -> Receipt:
    order = Order(command=command, id=str(uuid.uuid4()), actor=by, recorder=officer, case=case)
    receipt = found.log.execute(order)
    found.engine.catch_up()
    return receipt
