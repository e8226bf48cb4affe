"""Letters 文书 and documents 材料 over HTTP: texts to read and print, bytes in and out.

A document comes in as a raw stream and is filed on a case by its hash: bytes nobody files are
harmless, and sent again they are the same document. It goes out only by way of a case it is on, to
whoever has had to do with that case.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Header, Path, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from starlette.requests import ClientDisconnect

from api.access import Party, Viewer, secrets, veiled
from api.problems import answers, problem
from api.reads import AsOf, AtLeast, CaseKey, Known, looking
from domain import letters
from domain.decider import Refused
from domain.fold import CaseFold
from domain.letters import Rendered, Template
from domain.papers import Delivery, Document, Letter, PaperKind, concerned
from eventstore import documents
from eventstore.documents import TYPES, Intake, TooLargeError, WrongTypeError
from eventstore.keys import KeyLostError
from projections.county import County, Settings, SettingsError
from projections.reading import View

Number = Annotated[str, Path(description="文号，如 安卫职告〔2026〕3号", max_length=100)]
Reader = Annotated[
    str | None, Header(description="阅看者：单位或当事方；载有病名的文书须写明 / who reads")
]
Sha256 = Annotated[str, Path(description="材料的 SHA-256", pattern="^[0-9a-f]{64}$")]
ENDINGS = {TYPES[name]: "txt" if name == "text" else name for name in TYPES}
GENEROUS = 100_000_000  # so that our own limit, which says so in words, comes first


@dataclass(frozen=True)
class LetterRow:
    """A letter of a case."""

    number: str
    template: str
    title: str
    issuer: str
    to: tuple[str, ...]
    issued_on: date
    delivered: tuple[Delivery, ...]
    withdrawn: str | None
    corrected_by: str | None  # the number of the letter in its place
    position: int


@dataclass(frozen=True)
class LetterText(LetterRow):
    """A letter with its text; `sha256` is over the text with the place of the number empty."""

    text: str
    values: dict[str, str]
    edition: str
    sha256: str


@dataclass(frozen=True)
class DocumentRow:
    """A document of a case; its bytes stand at `…/documents/{sha256}`."""

    sha256: str
    title: str
    kind: PaperKind
    media_type: str
    size: int
    edition: int
    replaces: str | None
    replaced_by: str | None
    filed_on: date
    filed_by: str
    position: int


@dataclass(frozen=True)
class Uploaded:
    """What arrived, to be filed on a case by its hash."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True)
class TemplateRow:
    """A kind of letter that may be issued under the edition in force."""

    id: str
    title: str
    units: tuple[str, ...]
    to: tuple[str, ...]
    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    asks: dict[str, str]
    days: tuple[str, ...]  # those of `asks` that are a day
    pick: str  # named in `values` where several decisions of the unit could be meant
    fulfils: str  # the command that its delivery carries out as well
    clauses: tuple[str, ...]


def router(county: County) -> APIRouter:
    """The routes of letters and documents."""
    routes = APIRouter(prefix="/api/v1", tags=["文书与材料"], responses=answers(422, 429, 503))
    allowed = document_types(county.settings)

    @routes.get("/letter-templates", summary="现行版次的文书模板")
    def templates() -> list[TemplateRow]:
        return [_template(t) for t in county.log.reference_in_force().edition.letters.values()]

    @routes.get("/cases/{key}/letters", summary="案件的文书", responses=answers(404))
    def letters_of(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[LetterRow]:
        with looking(county, as_of, known, min_position) as view:
            fold = folded(view, key)
            hidden = secrets(view, [fold.case], viewer)[fold.case]
        rows = (LetterRow(**_letter(letter)) for letter in fold.papers.letters.values())
        return [veiled(row, hidden) for row in rows]

    @routes.get(
        "/cases/{key}/letters/{number}",
        summary="文书全文（载有病名的，只供与本案有关者）",
        responses=answers(403, 404),
    )
    def letter(
        key: CaseKey,
        number: Number,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        x_zhifang_unit: Reader = None,
    ) -> LetterText:
        with looking(county, as_of, known, min_position) as view:
            fold = folded(view, key)
            hidden = secrets(view, [fold.case], x_zhifang_unit)[fold.case]
        found = letter_of(fold, number)
        restricted = template_of(county, found).restricted
        if restricted and x_zhifang_unit not in readers(found, fold):
            zh = "文书载有病名等健康信息，只供与本案有关的单位和当事方阅看；请写明以谁的名义"
            raise problem(403, "not-concerned", zh, "It tells a disease: only for those concerned")
        return LetterText(
            **veiled(_letter(found), hidden),
            text=rendered(county, found).text(),
            values=dict(found.issued.values),
            edition=found.envelope.edition,
            sha256=found.issued.sha256,
        )

    @routes.get("/cases/{key}/documents", summary="案件的材料", responses=answers(404))
    def documents_of(
        key: CaseKey,
        as_of: AsOf = None,
        known: Known = None,
        min_position: AtLeast = 0,
        viewer: Viewer = None,
    ) -> list[DocumentRow]:
        with looking(county, as_of, known, min_position) as view:
            fold = folded(view, key)
            hidden = secrets(view, [fold.case], viewer)[fold.case]
        return [veiled(_document(document), hidden) for document in fold.papers.documents.values()]

    @routes.get(
        "/cases/{key}/documents/{sha256}",
        summary="下载材料（与本案有关者）",
        response_class=StreamingResponse,
        responses={
            **answers(403, 404, 410),
            200: {"content": {media: {} for media in TYPES.values()}},
        },
    )
    def download(key: CaseKey, sha256: Sha256, party: Party) -> StreamingResponse:
        with looking(county) as view:
            fold = folded(view, key)
        document = fold.papers.documents.get(sha256)
        if document is None:
            raise Refused("no-such-document", "本案没有这一材料", "No such document on this case")
        if party not in concerned(fold):
            zh = "材料只供与本案有关的单位和当事方取用"
            raise problem(403, "not-concerned", zh, "Only those concerned with the case")
        try:
            pieces = documents.opened(county.log.engine, county.log.keyring, sha256)
        except KeyLostError:
            zh = "材料的密钥已销毁，内容无法再打开；记录与哈希仍在"
            raise problem(410, "erased", zh, "Its key was destroyed") from None
        return StreamingResponse(pieces, headers=download_headers(document))

    @routes.post(
        "/documents",
        summary="上传材料的内容，得到哈希，再以 document.file 归档",
        status_code=201,
        max_body_size=max(GENEROUS, 2 * county.settings.max_document_bytes),
        responses=answers(413, 415, 507),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/octet-stream": {"schema": {"type": "string"}}},
            }
        },
    )
    async def upload(request: Request, party: Party) -> Uploaded:
        limit = county.settings.max_document_bytes
        try:
            with Intake(county.log.keyring, limit, allowed) as intake:
                async for data in request.stream():
                    intake.take(data)
                stored = await run_in_threadpool(intake.keep, county.log.engine, party)
        except TooLargeError:
            zh = f"文件超过 {limit:,} 字节的上限，没有保存；请压缩或分册后再传"
            raise problem(413, "too-large", zh, f"More than {limit} bytes: not stored") from None
        except WrongTypeError:
            zh = f"文件内容不是可归档的类型（{'、'.join(allowed)}），没有保存；文本须为 UTF-8"
            raise problem(415, "wrong-type", zh, "Not a type that may be filed") from None
        except ClientDisconnect:
            raise problem(400, "broken-off", "上传中断，没有保存", "Broken off") from None
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            zh = "服务器磁盘已满，没有保存；请联系管理员腾出空间后重传"
            raise problem(507, "disk-full", zh, "The disk is full: not stored") from None
        return Uploaded(stored.sha256, stored.size, stored.media_type)

    return routes


def document_types(settings: Settings) -> tuple[str, ...]:
    """The types that may be filed. Raises SettingsError for a name that is none."""
    names = tuple(name.strip() for name in settings.document_types.split(",") if name.strip())
    for name in names:
        if name not in TYPES:
            zh = f"ZHIFANG_DOCUMENT_TYPES 中没有类型 {name}；可用：{'、'.join(TYPES)}"
            raise SettingsError(f"{zh} / no such type")
    return names


def folded(view: View, key: str) -> CaseFold:
    """The case with its papers, as of the moment asked. Refused where there is none."""
    found = view.case(key)
    if found is None:
        raise Refused("no-such-case", f"没有案件 {key}；案号如 DX-2026-0001。", f"No case {key}")
    if view.parked(found["case"]) is not None:
        raise Refused("parked", "案件有无法读取的记录，已停办", "The case is parked")
    return view.fold(found["case"])


def letter_of(fold: CaseFold, number: str) -> Letter:
    """The letter of this number on a case. Refused where there is none."""
    letter = fold.papers.letters.get(number)
    if letter is None:
        raise Refused("no-such-letter", f"本案没有文书 {number}。", f"No letter {number}")
    return letter


def rendered(county: County, letter: Letter) -> Rendered:
    """The letter as it was issued: under the edition its event names, checked against its hash."""
    issued, template = letter.issued, template_of(county, letter)
    if letters.digest(template, issued.values) != issued.sha256:
        zh = f"{letter.number} 的文本与所记哈希不符，请运行 zhifang doctor。"
        raise Refused("letter-changed", zh, "The text differs from its hash")
    return letters.rendered(template, issued.values, letter.number)


def template_of(county: County, letter: Letter) -> Template:
    """The template of the edition that the letter's event names."""
    envelope = letter.envelope
    edition = county.log.reference(envelope.edition, envelope.calendar).edition
    return edition.letters[letter.issued.template]


def download_headers(document: Document) -> dict[str, str]:
    """A file to be kept, never shown as a page of ours."""
    filed = document.filed
    ending = ENDINGS.get(filed.media_type, "bin")
    named = f"filename*=UTF-8''{quote(f'{filed.title}.{ending}', safe='')}"
    return {
        "Content-Type": filed.media_type,
        "Content-Length": str(filed.size),
        "Content-Disposition": f'attachment; filename="document.{ending}"; {named}',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }


def readers(letter: Letter, fold: CaseFold) -> set[str]:
    """Who may read a letter that tells a disease: those concerned with its case, its addressees."""
    return concerned(fold) | set(letter.issued.to)


def _letter(letter: Letter) -> dict[str, Any]:
    issued = letter.issued
    return {
        "number": letter.number,
        "template": issued.template,
        "title": issued.title,
        "issuer": issued.issuer,
        "to": issued.to,
        "issued_on": letter.envelope.occurred.day,
        "delivered": letter.delivered,
        "withdrawn": letter.withdrawn,
        "corrected_by": letter.corrected_by,
        "position": letter.envelope.position,
    }


def _document(document: Document) -> DocumentRow:
    filed, envelope = document.filed, document.envelope
    return DocumentRow(
        sha256=filed.sha256,
        title=filed.title,
        kind=filed.kind,
        media_type=filed.media_type,
        size=filed.size,
        edition=filed.edition,
        replaces=filed.replaces,
        replaced_by=document.replaced_by,
        filed_on=envelope.occurred.day,
        filed_by=envelope.actor,
        position=envelope.position,
    )


def _template(template: Template) -> TemplateRow:
    return TemplateRow(
        id=template.id,
        title=template.title,
        units=template.units,
        to=template.to,
        kinds=template.kinds,
        needs=template.needs,
        asks=dict(template.asks),
        days=template.days,
        pick=template.pick,
        fulfils=template.fulfils,
        clauses=template.clauses,
    )
