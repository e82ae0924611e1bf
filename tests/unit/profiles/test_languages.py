"""Exports in other languages than English: the columns, and the days as they are written there."""

from datetime import date

import pytest

from services.profiles.imports.dates import Dated, parse
from services.profiles.imports.months import month_of
from tests.unit.profiles.files import read, table

EXPORTS = {
    "de": ("Vorname,Nachname,URL,E-Mail-Adresse,Unternehmen,Position,Verbunden am", "12. März 2024"),
    "fr": ("Prénom,Nom de famille,URL,Adresse e-mail,Entreprise,Poste,Date de connexion", "12 mars 2024"),
    "es": ("Nombre,Apellidos,URL,Dirección de correo electrónico,Empresa,Cargo,Conectado el", "12 de mar. de 2024"),
    "pt": ("Nome,Sobrenome,URL,Endereço de e-mail,Empresa,Cargo,Conectado em", "12 de março de 2024"),
    "it": ("Nome,Cognome,URL,Indirizzo e-mail,Azienda,Posizione,Data di collegamento", "12 mar 2024"),
    "nl": ("Voornaam,Achternaam,URL,E-mailadres,Bedrijf,Functie,Verbonden op", "12 mrt. 2024"),
    "pl": ("Imię,Nazwisko,URL,Adres e-mail,Firma,Stanowisko,Data połączenia", "12 marca 2024"),
    "ru": ("Имя,Фамилия,URL,Адрес электронной почты,Компания,Должность,Дата добавления", "12 мар. 2024 \u0433."),
    "ja": ("名,姓,URL,メールアドレス,会社,役職,つながった日", "2024年3月12日"),
    "zh": ("名字,姓氏,URL,电子邮件地址,公司,职位,建立联系日期", "2024年3月12日"),
    "ko": ("이름,성,URL,이메일 주소,회사,직위,연결된 날짜", "2024년 3월 12일"),
}


@pytest.mark.parametrize("language", EXPORTS)
def test_an_export_in_the_language(language):
    header, day = EXPORTS[language]
    row = f"Anders,Müllersen,https://www.linkedin.com/in/anders,anders@acme.example,Acme,CTO,{day}"
    report = read(table(row, header=header))
    (record,) = report.records
    assert (record.first_name, record.last_name, record.name) == ("Anders", "Müllersen", "Anders Müllersen")
    assert (record.url, record.email) == ("https://www.linkedin.com/in/anders", "anders@acme.example")
    assert (record.company, record.position, record.connected_on) == ("Acme", "CTO", date(2024, 3, 12))
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("months", "number"),
    [
        ("feb Februar févr. febrero fevereiro febbraio luty lutego февраля", 2),
        ("Mai May mayo maio maggio mei maja мая май", 5),
        ("août aug. Aug ago agosto augustus sierpnia авг.", 8),
        ("Dez. déc. dic dicembre december grudzień grudnia дек. декабря", 12),
        ("jui ma x Sprint lis5 12", 0),
    ],
)
def test_months(months, number):
    assert {word: month_of(word) for word in months.split()} == dict.fromkeys(months.split(), number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020", Dated(date(2020, 1, 1), "year")),
        ("Mar 2020", Dated(date(2020, 3, 1), "month")),
        ("2020-03", Dated(date(2020, 3, 1), "month")),
        ("2020年3月", Dated(date(2020, 3, 1), "month")),
        ("marzo de 2020", Dated(date(2020, 3, 1), "month")),
        ("15 Mar 2020", Dated(date(2020, 3, 15), "day")),
        ("3/4/2020", None),
        ("Q3 2020", None),
        ("29 Feb 2023", None),
        ("99999", None),
    ],
)
def test_a_date_has_the_precision_it_was_written_with(text, expected):
    assert parse(text) == expected
