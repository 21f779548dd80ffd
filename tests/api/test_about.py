"""The pages that everybody may read."""

from __future__ import annotations

import re
from dataclasses import replace

from core.plugins import installed


async def test_about_says_what_is_installed_to_everybody(client, process, campaign_2022):
    page = await client.get("/about")
    assert page.status_code == 200
    for key in ("condolence", "job_fair", "volunteer", "publicity"):
        info = process.plugins.infos[key]
        assert f"<strong>{info.title}</strong> {info.version}" in page.text
        for hook in process.plugins.hooks_of(key):
            assert f"<code>{hook}</code>" in page.text
    assert "Apache License 2.0" in page.text
    assert "某市残联" in page.text
    assert ("没有装好" in page.text) == bool(process.plugins.failures)


async def test_a_broken_plugin_is_named_and_its_reason_told_to_administrators(
    client, running_app, process, campaign_2022, sign_in
):
    failures = {"broken": "ImportError: /srv/secret/place"}
    plugins = replace(installed(), failures=failures)
    running_app.state["process"] = replace(process, plugins=plugins)
    public = (await client.get("/about")).text
    assert "<li>broken</li>" in public
    assert "/srv/secret" not in public
    clerk = await sign_in("clerk", "x1")
    assert "/srv/secret" not in (await clerk.get("/about")).text
    chief = await sign_in("administrator", "city")
    assert "broken：ImportError: /srv/secret/place" in (await chief.get("/about")).text


async def test_the_privacy_notice_has_what_the_law_asks_for(client, running_app, process):
    """PIPL art. 17: who, why and how, which and for how long, with which rights."""
    settings = replace(process.settings, contact="残联办公室 0000-1234567")
    running_app.state["process"] = replace(process, settings=settings)
    page = (await client.get("/about")).text
    headings = re.findall(r"<h3>([^<]+)</h3>", page.split('id="privacy"', 1)[1])
    assert headings[:5] == ["谁在处理", "为什么，怎样用", "保存哪些", "怎样保护", "您的权利"]
    assert page.count("残联办公室 0000-1234567") == 3
    assert "敏感个人信息" in page


async def test_the_numbers_in_the_notice_are_those_of_the_software(client, process):
    page = (await client.get("/about")).text
    assert "2小时不用或满12小时即失效" in page
    assert "连续 5 次输错密码，账号锁定 15 分钟" in page
    assert "最多1小时" in page


async def test_help_has_five_steps_and_leads_on(client, process):
    page = (await client.get("/help")).text
    steps = page.split('<ol class="steps">', 1)[1].split("</ol>", 1)[0]
    assert steps.count("<h2>") == 5
    assert 'href="/calendar"' in steps


async def test_every_page_leads_to_help_and_the_notice(client, process):
    page = (await client.get("/sign-in")).text
    for href in re.findall(r'href="([^"#]+)[^"]*"', page.split('class="foot-links"', 1)[1]):
        assert (await client.get(href)).status_code == 200


async def test_errors_say_what_to_do_next(client, campaign_2022, sign_in):
    clerk = await sign_in("clerk", "x1")
    lost = await clerk.get("/organisations/nobody")
    assert (lost.status_code, "可以这样找" in lost.text) == (404, True)
    closed = await clerk.get("/accounts")
    assert (closed.status_code, "可以这样办" in closed.text) == (403, True)
    assert "编号：" not in closed.text


async def test_texts_name_their_charset_once(client, process):
    for place in ("/about", "/robots.txt", "/static/tongxing.css"):
        kind = (await client.get(place)).headers["content-type"]
        assert kind.startswith("text/"), place
        assert kind.count("charset=utf-8") == 1, place
