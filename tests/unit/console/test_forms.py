"""What people type, as the services take it."""

import pytest
from starlette.requests import Request

from services.console.browser import source_of
from services.console.pages.paths import _like
from services.console.pages.welcome import _employments
from shared.pay import amount


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("60000", 60_000),
        ("60,000", 60_000),
        ("60.000", 60_000),
        ("60.000,50", 60_000.5),
        ("60,000.5", 60_000.5),
        ("60 000 €", 60_000),
        ("60k", 60_000),
        ("62.5k", 62_500),
        ("1.250.000", 1_250_000),
        ("14,50", 14.5),
        ("lots", "lots"),
        ("", ""),
    ],
)
def test_sums_are_read_as_people_write_them(typed, number):
    assert amount(typed) == number


def test_work_that_is_over_stays_and_present_work_is_what_is_named():
    left, there = {"company": "Initech", "end": "2020-01"}, {"company": "Globex", "end": None, "title": "Engineer"}
    assert _employments([left, there], ["globex"]) == [left, there]
    assert _employments([left, there], ["Hooli"]) == [left, {"company": "Hooli"}]
    assert _employments([left, there], []) == [left]


@pytest.mark.parametrize(("name", "asked", "alike"), [
    ("Nordwind Logistik GmbH", "nordwind", True),
    ("Bäckerei Sommerfeld", "backerei sommerfeld", True),
    ("Initech", "Initech Ltd", True),
    ("Initech", "Globex", False),
    ("Initech", "", False),
])  # fmt: skip
def test_a_company_is_offered_by_a_part_of_its_name(name, asked, alike):
    assert _like(name, asked) is alike


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9%eth0", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("a socket", "a socket"),
    ],
)
def test_one_source_is_an_address_or_a_whole_network_of_ipv6(address, source):
    assert source_of(Request({"type": "http", "client": (address, 1), "headers": []})) == source
