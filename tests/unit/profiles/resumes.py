"""Résumés as people have them, made in a test; all people are invented."""

import json
import zlib

from tests.unit.profiles.archives import packed

NAME = "Zoë Quill-Östberg"
LINES = f"""{NAME}
Senior Data Engineer
Stockholm, Sweden
zoe@mail.example | +46 70 000 00 00

Experience

Senior Data Engineer, Northwind Traders AB
Mar 2021 \u2013 Present
• Built streaming pipelines with Flink for the whole company, and led a team of five people in Stockholm.

Data Analyst
Contoso GmbH, Berlin
2017 \u2013 02/2021
• Reports in Tableau

Education
MSc Computer Science, University of Uppsala
2012 \u2013 2017

Skills
Python, SQL, Apache Kafka, Frobnication
""".splitlines()
JOBS = [
    ("Northwind Traders AB", "Senior Data Engineer", "2021-03", None),
    ("Contoso GmbH", "Data Analyst", "2017", "2021-02"),
]
SKILLS = ["Python", "SQL", "Apache Kafka", "Flink", "Tableau"]
STUDY = ("University of Uppsala", "MSc Computer Science", "2012", "2017")

JSON = {
    "basics": {
        "name": NAME,
        "label": "Senior Data Engineer",
        "email": "zoe@mail.example",
        "summary": "Moves data about with Flink.",
        "location": {"city": "Stockholm", "countryCode": "SE"},
    },
    "work": [
        {"name": "Northwind Traders AB", "position": "Senior Data Engineer", "startDate": "2021-03", "endDate": ""},
        {"company": "Contoso GmbH", "position": "Data Analyst", "startDate": 2017, "endDate": "2021-02",
         "highlights": ["Reports in Tableau"]},
        {"position": "Volunteer", "startDate": "soon"},
    ],
    "education": [{"institution": "University of Uppsala", "area": "Computer Science", "studyType": "MSc",
                   "startDate": "2012", "endDate": "2017"}],
    "skills": [{"name": "What I use", "keywords": ["Python", "SQL", "python"]}, {"name": "Apache Kafka"}],
}  # fmt: skip

Placed = tuple[float, float, str]
"""Points from the left, points from the top, and a text."""


def json_resume() -> bytes:
    return json.dumps(JSON, ensure_ascii=False).encode()


def plain(lines: list[str], left: float = 50) -> list[Placed]:
    """Lines one under the other, 14 points apart."""
    return [(left, 50 + 14 * place, line) for place, line in enumerate(lines) if line]


def pdf(*pages: list[Placed], size: int = 10, more: str = "") -> bytes:
    """A PDF with these texts, in Helvetica; `more` is put into its catalogue."""
    kids = " ".join(f"{4 + 2 * at} 0 R" for at in range(len(pages)))
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {more} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for at, texts in enumerate(pages):
        stream = zlib.compress(b"\n".join(_shown(*text, size) for text in texts))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * at} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        head = f"<< /Length {len(stream)} /Filter /FlateDecode >>".encode()
        objects.append(head + b"\nstream\n" + stream + b"\nendstream")
    return _file(objects)


def _shown(left: float, top: float, text: str, size: int) -> bytes:
    escaped = text.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return f"BT /F1 {size} Tf 1 0 0 1 {left} {842 - top} Tm (".encode() + escaped + b") Tj ET"


def _file(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer << /Size {len(objects) + 1} /Root 1 0 R >>"
    return out + end.encode() + f"\nstartxref\n{len(out)}\n%%EOF\n".encode()


_NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)


def paragraph(text: str, inside: str = "") -> str:
    """A paragraph: `•` at its start makes it one of a list; `inside` stands in its first run."""
    listed = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>' if text.startswith("•") else ""
    runs = "<w:tab/>".join(f"<w:t>{_escaped(part)}</w:t>" for part in text.removeprefix("•").split("\t"))
    return f"<w:p>{listed}<w:r>{inside}{runs}</w:r></w:p>"


def table(*rows: list[str]) -> str:
    cells = ("".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def text_box(*lines: str) -> str:
    """A text box as Word writes it: twice, the second time for older programs."""
    content = f"<w:txbxContent>{''.join(map(paragraph, lines))}</w:txbxContent>"
    return (
        f'<mc:AlternateContent><mc:Choice Requires="wps">{content}</mc:Choice>'
        f"<mc:Fallback><w:pict>{content}</w:pict></mc:Fallback></mc:AlternateContent>"
    )


def docx(body: str, **more: bytes | str) -> bytes:
    """A document; `more` are further members by what they are called in `word/`."""
    document = f'<?xml version="1.0" encoding="UTF-8"?><w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>'
    parts: dict[str, str | bytes] = {"[Content_Types].xml": "<Types/>", "word/document.xml": document}
    return packed(parts | {f"word/{name}.xml": content for name, content in more.items()})


def header(text: str) -> str:
    return f"<w:hdr {_NAMESPACES}>{paragraph(text)}</w:hdr>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


GOOD = {"json-resume": json_resume(), "pdf": pdf(plain(LINES)), "docx": docx("".join(map(paragraph, LINES)))}
"""The same résumé in each format."""
