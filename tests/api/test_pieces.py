"""The pieces of pages: what docs/pages.md shows is rendered, parsed, measured and looked at."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, UndefinedError
from markupsafe import Markup
from playwright.sync_api import Page, Route, sync_playwright

from api.kit import pages
from api.kit.headers import CONTENT_SECURITY_POLICY
from api.kit.ledger import ledger_row, office_rows
from api.site import STATIC
from core.figures import Figure
from core.qr import qr_svg
from core.spreadsheets.columns import CellError, Column, Row

DOCUMENT = (Path(__file__).parents[2] / "docs" / "pages.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```jinja\n(.*?)```", DOCUMENT, re.DOTALL)
HEAD = EXAMPLES[0].partition("{% block title %}")[0]
STYLES = (STATIC / "tongxing.css").read_text(encoding="utf-8")
PLACE = "http://127.0.0.1/page"


def figure(label: str, value: str, itemised: str, target: str, organisation: str) -> Figure:
    amount, kept, of = Decimal(value), Decimal(itemised), Decimal(target)
    return Figure("condolence.people", label, "人", "sum", organisation, amount, kept,
                  kept / amount, of, amount / of, approximate=organisation == "c2")  # fmt: skip


def context(**given: Any) -> dict[str, Any]:
    """What the shell and the examples need."""
    figures = [figure("走访", "1132", "940", "1200", "c1"), figure("就业", "12", "12", "5", "c2")]
    chart, top = office_rows(figures, {"c1": "甲区残联", "c2": "乙县残联"}, lambda _: "/figures/1")
    link = pages.Link
    return {
        "actor": SimpleNamespace(display_name="李明", office_name="某市残疾人联合会"),
        "navigation": [link("活动", "/campaigns", current=True), link("全年日历", "/calendar")],
        "tabs": [link("总览", "/a", current=True), link("走访慰问", "/b")],
        "messages": [{"kind": "good", "text": "已保存。"}, {"kind": "bad", "text": "没有保存。"}],
        "csrf_token": "a-token",
        "version": "0.1.0",
        "rows": [ledger_row(each, "/figures/1") for each in figures],
        "office_rows": chart,
        "top": top,
        "code": Markup(qr_svg("https://example.org/feeds/a.ics")),
        "starts_on": date(2026, 5, 1),
        "ends_on": date(2026, 5, 31),
        "visited_on": date(2026, 5, 12),
        "starts_at": datetime(2026, 5, 17, 6, 0, tzinfo=UTC),
        "sheet_columns": [Column("name", "姓名", "text"), Column("cash", "慰问金", "money")],
        "sheet_rows": [Row(5, {}, {"name": "张三", "cash": "五百"}), Row(6, {}, {"cash": "300"})],
        "sheet_errors": [
            CellError(5, "cash", "B5", "慰问金", "不是金额"),
            CellError(6, "name", "A6", "姓名", "请填写"),
            CellError(0, "", "", "", "缺少「村居」一列"),
        ],
        **given,
    }


@pytest.fixture(scope="module")
def environment() -> Environment:
    return pages.environment({})


def page(environment: Environment, content: str, **given: Any) -> str:
    """A whole page around some content."""
    title = "{% block title %}样张{% endblock %}"
    source = f"{HEAD}{title}{{% block content %}}{content}{{% endblock %}}"
    return environment.from_string(source).render(context(**given))


def sampler(environment: Environment) -> str:
    """Every example of the document on one page."""
    return page(environment, "".join(EXAMPLES[1:]))


class Outline(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, attribute: str) -> list[str]:
        return [given[attribute] for _, given in self.elements if attribute in given]

    def field(self, name: str) -> dict[str, str]:
        return next(given for _, given in self.elements if given.get("name") == name)


def test_the_document_shows_every_macro_as_it_is() -> None:
    macros = [
        signature
        for file in sorted((pages.TEMPLATES / "pieces").glob("*.html"))
        for signature in re.findall(r"macro ([a-z]\w*\(.*?\)) -?%}", file.read_text("utf-8"))
    ]
    assert [signature for signature in macros if f"`{signature}`" not in DOCUMENT] == []
    used = set(
        re.findall(r"(?:figures|words|tables|forms|calendar|live)\.(\w+)\(", "".join(EXAMPLES))
    )
    assert used == {signature.partition("(")[0] for signature in macros}


def test_the_first_example_is_a_page(environment: Environment) -> None:
    html = environment.from_string(EXAMPLES[0]).render(context())
    assert "<title>招聘会 · 同行</title>" in html
    assert "<h1>招聘会</h1>" in html
    assert "2026年5月1日至31日" in html
    assert '<html lang="zh-CN">' in html


def test_what_refers_to_an_element_finds_it(environment: Environment) -> None:
    outline = Outline(sampler(environment))
    identifiers = outline.all("id")
    assert len(identifiers) == len(set(identifiers))
    named = [name for text in outline.all("aria-describedby") for name in text.split()]
    named += outline.all("for") + [link[1:] for link in outline.all("href") if link[0] == "#"]
    assert named
    assert set(named) - set(identifiers) == set()


def test_a_field_says_what_is_wrong_with_it(environment: Environment) -> None:
    outline = Outline(sampler(environment))
    wrong, right = outline.field("cash"), outline.field("title")
    assert wrong["aria-describedby"] == "hint-cash error-cash"
    assert wrong["aria-invalid"] == "true"
    assert wrong["value"] == "500.125"
    assert "aria-invalid" not in right
    assert "required" in right


def test_forms_that_write_carry_the_token(environment: Environment) -> None:
    html = sampler(environment)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.DOTALL)
    assert len(forms) == 4
    assert all('name="csrf_token" value="a-token"' in form for form in forms)


def test_text_from_people_is_escaped(environment: Environment) -> None:
    evil = "<b onclick='x'>&\""
    html = page(
        environment,
        """{{ words.note(evil) }}{{ words.details([{"term": evil, "text": evil}]) }}
        {{ tables.data_table(evil, [{"key": "a", "label": evil}, {"key": "b", "label": evil}],
                             [{"a": {"text": evil, "href": evil}, "b": evil}]) }}
        {{ forms.text_field("x", evil, evil, evil, evil) }}{{ forms.text_area("y", evil, evil) }}
        {{ calendar.agenda([{"when": evil, "title": evil, "note": evil, "services": [evil]}]) }}""",
        evil=evil,
        messages=[{"kind": "warn", "text": evil}],
    )
    assert "<b onclick" not in html
    assert "onclick" not in {name for _, given in Outline(html).elements for name in given}


def test_a_text_area_keeps_its_first_empty_line(environment: Environment) -> None:
    html = page(environment, '{{ forms.text_area("a", "备注", "\n第二行") }}')
    assert ">\n\n第二行</textarea>" in html


def test_strangers_see_no_navigation_and_no_sign_out(environment: Environment) -> None:
    html = page(environment, "", actor=None, navigation=[], tabs=[], messages=[], csrf_token="")
    assert "<nav" not in html
    assert "<form" not in html
    assert 'class="skip" href="#main"' in html


def test_good_news_is_a_status_and_bad_news_an_alert(environment: Environment) -> None:
    html = page(environment, "")
    assert '<p class="note good" role="status">已保存。</p>' in html
    assert '<p class="note bad" role="alert">没有保存。</p>' in html


def test_a_page_that_asks_for_an_unknown_name_fails(environment: Environment) -> None:
    with pytest.raises(UndefinedError):
        page(environment, "{{ words.note(absent) }}")


def test_only_rows_in_sight_are_linked_from_the_errors_of_a_file(environment: Environment) -> None:
    errors = [
        CellError(5, "cash", "B5", "慰问金", "甲"),
        CellError(900, "cash", "B900", "金", "乙"),
    ]
    html = page(
        environment,
        "{{ tables.preview_table('名单', sheet_columns, sheet_rows, sheet_errors) }}",
        sheet_errors=errors,
    )
    assert '<a href="#cell-B5">B5 慰问金</a>：甲' in html
    assert "B900 金：乙" in html
    assert "#cell-B900" not in html


def test_the_bar_draws_what_is_on_record_within_what_is_said(environment: Environment) -> None:
    html = page(environment, "{{ figures.figure_bar(40, 70, 90) }}", tabs=[])
    assert '<rect class="bar-said" width="70%"' in html
    assert '<rect class="bar-kept" width="40%"' in html
    assert '<line class="bar-mark" x1="90%"' in html
    whole = page(environment, "{{ figures.figure_bar(100, 100) }}", tabs=[])
    assert "bar-said" not in whole


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2 of ``#rgb`` or ``#rrggbb``."""
    digits = colour.lstrip("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


GROUNDS = {
    "ink": ("paper", "sheet", "tint"), "quiet": ("paper", "sheet", "tint"),
    "accent": ("paper", "sheet", "tint"), "on-accent": ("accent",), "on-banner": ("banner",),
    "good": ("sheet", "good-ground"), "warn": ("sheet", "warn-ground"),
    "bad": ("paper", "sheet", "bad-ground"), "sheet": ("bad",),
}  # fmt: skip


def schemes() -> dict[str, dict[str, str]]:
    """The colour tokens of the light and of the dark scheme."""
    light, dark = STYLES.split("@media screen and (prefers-color-scheme: dark)", 1)
    found = re.compile(r"--([\w-]+): (#[0-9a-f]{3,6});")
    return {"light": dict(found.findall(light)), "dark": dict(found.findall(dark.split("/* 2")[0]))}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_seven_to_one_and_borders_three_to_one(scheme: str) -> None:
    tokens = schemes()[scheme]
    pale = {
        (text, ground): contrast(tokens[text], tokens[ground])
        for text, grounds in GROUNDS.items()
        for ground in grounds
        if contrast(tokens[text], tokens[ground]) < 7
    }
    assert pale == {}
    assert min(contrast(tokens["edge"], tokens[ground]) for ground in ("paper", "sheet")) >= 3


def test_the_stylesheet_fetches_nothing_and_stays_small() -> None:
    assert re.findall(r"@import|https?:|url\((?!\"#)", STYLES) == []
    assert len(STYLES.splitlines()) < 500


SMALL_TARGETS = """() => [...document.querySelectorAll('a, button, input, select, textarea')]
  .map(e => e.matches('[type=checkbox], [type=radio]') ? e.closest('label') : e)
  .filter(e => !e.matches('.skip, [type=hidden]'))
  .map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect(), e])
  .filter(([, box, e]) => box.width && (box.width < 43.5 || box.height < 43.5)
    && !e.closest('.note, .lede, p:not(.what):not(.next)'))
  .map(([html]) => html)"""
SPILL = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = """axe.run(document, {rules: {'color-contrast-enhanced': {enabled: true}}})
  .then(found => found.violations.map(v => [v.id, v.nodes.map(n => n.html)]))"""


def answer(route: Route, html: str) -> None:
    """Serve the page and the house's own files, and nothing else, under the house's policy."""
    path = route.request.url.split("?")[0].removeprefix("http://127.0.0.1")
    headers = {"content-security-policy": CONTENT_SECURITY_POLICY}
    if path == "/page":
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers)
    elif path.startswith("/static/") and (STATIC / path.removeprefix("/static/")).is_file():
        route.fulfill(path=STATIC / path.removeprefix("/static/"), headers=headers)
    else:
        route.abort()


def faults(browser_page: Page, axe_source: str) -> dict[str, Any]:
    """What is wrong with a page as it is drawn."""
    browser_page.evaluate(axe_source)
    return {
        "spill": browser_page.evaluate(SPILL),
        "small targets": browser_page.evaluate(SMALL_TARGETS),
        "axe": browser_page.evaluate(AXE),
    }


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_pieces_in_a_browser(
    environment: Environment, chromium_path: str, axe_source: str, scheme: Any
) -> None:
    html = sampler(environment)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        for width in (320, 360, 768, 1280):
            tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            complaints: list[str] = []
            tab.on("console", lambda message: complaints.append(message.text))  # noqa: B023
            tab.route("**/*", lambda route: answer(route, html))
            tab.goto(PLACE)
            assert faults(tab, axe_source) == {"spill": 0, "small targets": [], "axe": []}, width
            assert complaints == []
            tab.close()
        browser.close()


def test_the_menu_of_a_phone_opens_with_the_keyboard_and_without_script(
    environment: Environment, chromium_path: str
) -> None:
    html = page(environment, "")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 360, "height": 640}, java_script_enabled=False)
        tab.route("**/*", lambda route: answer(route, html))
        tab.goto(PLACE)
        navigation = tab.get_by_role("navigation", name="主导航")
        assert not navigation.is_visible()
        for key in ("Tab", "Tab", "Tab", "Enter"):
            tab.keyboard.press(key)
        tab.wait_for_url("**#navigation")
        assert navigation.is_visible()
        tab.keyboard.press("Tab")
        assert navigation.get_by_role("link", name="活动", exact=True).is_visible()
        assert tab.locator(":focus").inner_text() == "活动"
        browser.close()
