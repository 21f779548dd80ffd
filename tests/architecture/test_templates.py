"""Pages hold no inline script or style, which the Content-Security-Policy forbids, and fetch
nothing from outside."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.architecture.source import place, templates

# A document to save: it is read without the server, so its style travels with it.
STANDALONE = {"core/recap/formats/templates/recap.html"}
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
FETCHES = {"src", "srcset", "href", "action", "formaction", "poster", "data"}
LINKS_THAT_FETCH_NOTHING = {("a", "href")}


class Offences(HTMLParser):
    """Collects what a template may not hold."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(JINJA.sub("", text))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style":
            self.found.append("<style>")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("<script> without src")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.found.append(f"<{tag} {name}>")
            target = (value or "").strip().lower()
            if name in FETCHES and target.startswith("javascript:"):
                self.found.append(f"<{tag} {name}=javascript:>")
            outside = re.match(r"([a-z]+:)?//", target)
            if name in FETCHES and outside and (tag, name) not in LINKS_THAT_FETCH_NOTHING:
                self.found.append(f"<{tag} {name}> outside")


def test_no_template_holds_inline_script_or_style_or_fetches_from_outside() -> None:
    found = {place(path): Offences(path.read_text(encoding="utf-8")).found for path in templates()}
    assert found
    assert {name: offences for name, offences in found.items() if offences} == {
        name: ["<style>"] for name in STANDALONE
    }


@pytest.mark.parametrize(
    ("text", "offences"),
    [
        ("<p style='{{ x }}'>", ["<p style>"]),
        ('<button onclick="{% if a %}go(){% endif %}">', ["<button onclick>"]),
        ("<script>go()</script>", ["<script> without src"]),
        ('<script src="//elsewhere.example/a.js">', ["<script src> outside"]),
        ('<link href="https://elsewhere.example/a.css">', ["<link href> outside"]),
        ('<a href="javascript:go()">', ["<a href=javascript:>"]),
        ("<style>p { color: {{ colour }} }</style>", ["<style>"]),
        ('<a href="https://elsewhere.example/">', []),
        ('<script type="application/json">{{ data }}</script>', []),
        ('<script type="module" src="{{ url }}"></script>{# <style> #}', []),
    ],
)
def test_offences_are_told_from_what_is_allowed(text: str, offences: list[str]) -> None:
    assert Offences(text).found == offences
