"""A recap from the first word to the correction of a final one, as those do it who write it.

On a phone, without script: a clerk of a county writes and hands in, the programme's lead words
the templates, the superior's reviewer gives back and accepts, and whoever holds the paper checks
its code. Each page passed is looked at by axe, in light and dark.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import pytest
from docx import Document
from playwright.sync_api import (
    Browser,
    BrowserContext,
    FilePayload,
    Locator,
    Page,
    StorageState,
    ViewportSize,
    sync_playwright,
)

from tests.fixtures.recap_photos import SAID, photo
from tests.fixtures.served import Served, serving

pytestmark = pytest.mark.browser

CAMPAIGN = "/campaigns/2022-city"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
Role = Literal["button", "link"]
PHONE: ViewportSize = {"width": 360, "height": 800}
PASSWORD = "tongxing-2022-jia"
RENDERED_MILLISECONDS = 60_000
MOST_TABS = 80
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
AXE = "options => axe.run(document, {resultTypes: ['violations'], ...options})"


@dataclass
class Checker:
    """Shows pages as they stood to axe, which needs script, in light and in dark."""

    page: Page
    address: str
    axe: str
    complaints: list[str] = field(default_factory=list)

    def look(self, name: str, html: str) -> None:
        """Complain of what axe finds in a page and of one that is wider than a phone."""
        self.page.route("**/seen", lambda route: route.fulfill(body=html, content_type=HTML))
        # The page is looked at as it stood: its own script would let it move on meanwhile.
        self.page.route("**/*.js*", lambda route: route.abort())
        self.page.emulate_media(color_scheme="light")
        self.page.goto(f"{self.address}/seen")
        self.page.evaluate(self.axe)
        found = self.page.evaluate(AXE, {})["violations"]
        self.page.emulate_media(color_scheme="dark")
        dark = self.page.evaluate(AXE, {"runOnly": ["color-contrast"]})["violations"]
        self.complaints += [
            f"{name}: {each['id']}: {each['nodes'][0]['html'][:200]}" for each in [*found, *dark]
        ]
        if self.page.evaluate(OVERFLOW) > 0:
            self.complaints.append(f"{name}: too wide")
        self.page.unroute_all()


HTML = "text/html; charset=utf-8"


@dataclass
class Person:
    """Somebody at a phone; ``page`` has no script."""

    page: Page
    address: str
    checker: Checker

    def goes(self, path: str) -> str:
        """What the page says that is typed in."""
        self.page.goto(self.address + path)
        return self.reads()

    def clicks(self, name: str, role: Role = "button", *, last: bool = False) -> str:
        """What the page says that a button of the page's main part leads to."""
        # Words for the ear alone stand apart from those that are seen.
        spoken = re.compile(rf"^{re.escape(name).replace('：', ' ?： ?')}$")
        found = self.page.locator("main").get_by_role(role, name=spoken)
        (found.last if last else found.first).click()
        return self.reads()

    def follows(self, name: str, *, last: bool = False) -> str:
        """The same for a link."""
        return self.clicks(name, "link", last=last)

    def fills(self, **values: str) -> None:
        """Fill fields by their names."""
        for name, value in values.items():
            self.page.fill(f"main [name={name}]", value)

    def tabs_to(self, what: Locator) -> None:
        """Press Tab until it is there."""
        for _ in range(MOST_TABS):
            if what.and_(self.page.locator(":focus")).count():
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"{self.page.url}: Tab does not lead to {what}")

    def types_by_keyboard(self, name: str, text: str) -> None:
        """Fill a field without touching the screen."""
        self.tabs_to(self.page.locator(f"main [name={name}]"))
        self.page.keyboard.insert_text(text)

    def presses(self, button: str) -> str:
        """The same as clicking a button."""
        self.tabs_to(self.page.locator("main").get_by_role("button", name=button, exact=True))
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")
        return self.reads()

    def reads(self) -> str:
        """The words of the page's main part."""
        self.page.wait_for_load_state()
        return self.page.locator("main").inner_text()

    def checks(self) -> None:
        """Let axe look at the page as it stands."""
        self.page.wait_for_load_state()
        self.checker.look(self.page.url, self.page.content())


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A demonstration of its own: what is handed in here must not show elsewhere."""
    with serving(tmp_path_factory.mktemp("flows")) as running:
        yield running


@pytest.fixture(scope="module")
def chromium(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def checker(chromium: Browser, server: Served, axe_source: str) -> Iterator[Checker]:
    """At the end of a flow, everything that was wrong with its pages fails it."""
    context = chromium.new_context(viewport=PHONE, locale="zh-CN", reduced_motion="reduce")
    found = Checker(context.new_page(), server.address, axe_source)
    yield found
    context.close()
    assert found.complaints == [], "\n".join(found.complaints)


@dataclass
class Door:
    """Lets people in; who has signed in once need not do it again."""

    chromium: Browser
    server: Served
    known: dict[str, StorageState] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    def lets_in(self, checker: Checker, name: str, password: str) -> Person:
        """Somebody with a phone of their own; a stranger has no name."""
        context = self.chromium.new_context(
            java_script_enabled=False,
            viewport=PHONE,
            locale="zh-CN",
            storage_state=self.known.get(name),
        )
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        person = Person(page, self.server.address, checker)
        if name and name not in self.known:
            person.goes("/sign-in")
            person.fills(name=name, password=password or self.server.logins[name])
            person.clicks("登录")
            page.wait_for_url(lambda url: "/sign-in" not in url)
            self.known[name] = context.storage_state()
        return person

    def closes(self) -> None:
        """Take everybody's phone."""
        while self.contexts:
            self.contexts.pop().close()


class Enter(Protocol):
    """Lets somebody in by the name of an account; without one, a stranger."""

    def __call__(self, name: str = "", password: str = "") -> Person: ...


@pytest.fixture(scope="module")
def door(chromium: Browser, server: Served) -> Door:
    return Door(chromium, server)


@pytest.fixture
def enter(door: Door, checker: Checker) -> Iterator[Enter]:
    def lets_in(name: str = "", password: str = "") -> Person:
        return door.lets_in(checker, name, password)

    yield lets_in
    door.closes()


def report(person: Person, office: str, value: str) -> None:
    """Report posters by the form, on top of what was reported."""
    person.goes(f"{CAMPAIGN}/reported/new")
    person.page.select_option("[name=metric]", "publicity.posters")
    person.page.select_option("[name=organisation]", office)
    person.fills(value=value, source="印刷单")
    person.page.check("[name=basis][value=additional]")
    assert "印刷单" in person.clicks("填报")


def docx_words(path: Path) -> str:
    """The paragraphs of a Word file."""
    return "\n".join(each.text for each in Document(str(path)).paragraphs)


def test_a_clerk_writes_a_recap(enter: Enter) -> None:
    clerk = enter("jingban")
    clerk.goes(f"{CAMPAIGN}/recap")
    clerk.follows("编写")
    clerk.fills(title="甲旗2022年助残日活动总结", recipient="某市残疾人联合会")
    assert "已保存标题和主送机关" in clerk.clicks("保存")
    assert "已上移“下一步打算”" in clerk.clicks("上移：下一步打算")
    assert "#part-next" in clerk.page.url
    parts = clerk.clicks("隐藏：每日进展")
    assert "已隐藏“每日进展”" in parts
    assert parts.index("写正文\n：下一步打算") < parts.index("写正文\n：存在问题")
    clerk.checks()
    assert "甲旗残联的总结。" in clerk.follows("写正文：下一步打算")
    clerk.types_by_keyboard("text", "巩固{志愿时长}的成果。")
    wrong = clerk.presses("保存")
    assert "第1行第3个字：没有叫“志愿时长”的数据，是不是“志愿服务时长”？" in wrong
    assert clerk.page.input_value("[name=text]") == "巩固{志愿时长}的成果。"
    clerk.checks()
    clerk.fills(text="巩固志愿服务{志愿服务时长}的成果。")
    assert "已保存“下一步打算”" in clerk.clicks("保存")
    recap = clerk.follows("看总结")
    assert recap.index("甲旗2022年助残日活动总结") < recap.index("某市残疾人联合会：")
    assert "巩固志愿服务63小时的成果。" in recap
    assert "每日进展" not in recap


def test_a_clerk_puts_in_a_photo(enter: Enter) -> None:
    clerk = enter("jingban")
    clerk.goes(f"{CAMPAIGN}/recap/manuscript")
    clerk.follows("管理照片")
    chosen: FilePayload = {"name": "现场.png", "mimeType": "image/png", "buffer": photo()}
    clerk.fills(caption=SAID["caption"], description=SAID["description"])
    clerk.page.set_input_files("[name=file]", chosen)
    clerk.page.check("[name=people][value=agreed]")
    wrong = clerk.clicks("放进总结")
    assert "有2处要改" in wrong
    assert "请写明是谁同意的" in wrong
    assert "请再选一次照片，刚才的没有保存" in wrong
    assert clerk.page.input_value("[name=description]") == SAID["description"]
    assert clerk.page.is_checked("[name=people][value=agreed]")
    clerk.checks()
    clerk.page.set_input_files("[name=file]", chosen)
    clerk.fills(names=SAID["names"], how=SAID["how"])
    assert "已征得同意：赵*、钱*" in clerk.clicks("放进总结")
    clerk.checks()
    assert SAID["caption"] in clerk.follows("总结", last=True)
    picture = clerk.page.get_by_alt_text(SAID["description"])
    drawn = clerk.page.request.get(clerk.address + (picture.get_attribute("src") or ""))
    assert drawn.headers["content-type"] == "image/jpeg"
    clerk.checks()


def test_an_organiser_rewords_a_template(enter: Enter) -> None:
    lead = enter("zuzhi")
    usual = lead.goes(f"{CAMPAIGN}/recap")
    assert "走访慰问残疾人1132人" in usual
    lead.follows("总结模板")
    lead.checks()
    lead.follows("走访慰问", last=True)
    lead.fills(text="节日期间，\n看望残疾人{走访人头数}。")
    wrong = lead.clicks("保存")
    assert "第2行第6个字：没有叫“走访人头数”的数据，是不是“走访慰问人数”？" in wrong
    assert "{走访人头数}" in lead.page.input_value("[name=text]")
    lead.checks()
    lead.fills(text="节日期间，看望残疾人{走访慰问人数}。")
    shown = lead.clicks("预览")
    assert "预览：还没有保存" in shown
    assert "节日期间，看望残疾人1132人。" in shown
    lead.checks()
    assert "已保存" in lead.clicks("保存")
    assert "节日期间，看望残疾人1132人。" in lead.follows("总结", last=True)
    lead.page.go_back()
    lead.follows("恢复默认")
    lead.checks()
    assert "已恢复默认" in lead.clicks("恢复默认")
    assert "走访慰问残疾人1132人" in lead.follows("总结", last=True)


def test_a_file_is_made_and_its_code_checked(enter: Enter, tmp_path: Path) -> None:
    lead, stranger = enter("zuzhi"), enter()
    report(lead, "city", "300")
    lead.goes(f"{CAMPAIGN}/recap")
    assert "正在生成" in lead.clicks("生成Word 文件")
    lead.checks()
    # Nobody touches the page: it comes again by itself until it has something to say.
    lead.page.locator("main .note").wait_for(timeout=RENDERED_MILLISECONDS)
    assert "文件已生成" in lead.reads()
    lead.checks()
    with lead.page.expect_download() as download:
        lead.page.get_by_role("link", name=re.compile("^下载 Word")).click()
    assert download.value.suggested_filename.endswith("-某市残联.docx")
    download.value.save_as(tmp_path / "总结.docx")
    code = CODE.search(docx_words(tmp_path / "总结.docx"))
    assert code
    stranger.goes("/sign-in")
    stranger.page.get_by_role("link", name="核验总结").click()
    stranger.fills(code=code[0].lower().replace("-", " "))
    told = stranger.clicks("核验")
    assert "这份总结还不是定稿" in told
    assert "草稿，与现在的数据一致" in told
    assert "1132" not in told
    stranger.checks()
    report(lead, "city", "31")
    assert "草稿，数据此后有变动" in stranger.goes(f"/verify/{code[0]}")
    stranger.checks()
    stranger.fills(code="7K2M-9QXD")
    assert "核验码是12位数字和字母" in stranger.clicks("核验")
    assert stranger.page.input_value("[name=code]") == "7K2M-9QXD"
    stranger.checks()


@pytest.fixture
def county(enter: Enter) -> Person:
    """A clerk of 乙县, let in by the administrator, whose office has reported posters."""
    admin = enter("admin")
    admin.goes("/new-account")
    admin.fills(name="yixian", display_name="乙县经办", password=PASSWORD)
    admin.page.select_option("[name=organisation]", "x2")
    admin.page.select_option("[name=role]", "clerk")
    assert "已建立账号 yixian" in admin.clicks("建立账号")
    clerk = enter("yixian", PASSWORD)
    report(clerk, "x2", "100")
    return clerk


def test_a_recap_is_handed_in_reviewed_frozen_and_corrected(county: Person, enter: Enter) -> None:
    reviewer, lead, stranger = enter("shenhe"), enter("zuzhi"), enter()
    county.goes(f"{CAMPAIGN}/recap")
    county.follows("报送与审核")
    assert "第1版已报送，等待审核" in county.clicks("报送第1版")
    assert "等待上级单位的审核人审核" in county.reads()
    gives_back(reviewer)
    assert "退回原因：海报数请核对印刷单" in county.goes(f"{CAMPAIGN}/recap")
    county.follows("报送与审核")
    assert "第1版被退回：海报数请核对印刷单。改好以后再报送一版。" in county.reads()
    county.checks()
    county.follows("去编写")
    county.page.go_back()
    county.clicks("报送第2版")
    accepts(reviewer, 2)
    assert "等组织者定稿" in county.goes(f"{CAMPAIGN}/recap/versions/2")
    freezes(lead, 2)
    printed = CODE.search(lead.reads())
    assert printed
    report(county, "x2", "20")
    changed = county.goes(f"{CAMPAIGN}/recap")
    assert "与定稿不一致：1项" in changed
    assert "100张改为120张，多20张" in changed
    county.checks()
    county.follows("报送与审核")
    assert "更正定稿，请写明更正的原因" in county.clicks("报送第3版")
    county.checks()
    county.fills(correction="漏报海报20份")
    assert "（第3版，更正第2版）" in county.clicks("报送第3版")
    assert "现行定稿（第2版）" in stranger.goes(f"/verify/{printed[0]}")
    accepts(reviewer, 3)
    freezes(lead, 3)
    lead.checks()
    assert "已被第3版更正" in stranger.goes(f"/verify/{printed[0]}")
    lead.goes(f"{CAMPAIGN}/recap/versions")
    missing = lead.clicks("报送第1版")
    assert "甲旗残联（未报送）、丙区残联（未报送）、丁区残联（未报送）3个下级单位" in missing
    assert "请写明原因" in missing
    lead.checks()


def gives_back(reviewer: Person) -> None:
    """Find what waits, forget the reason, then write it."""
    reviewer.goes(f"{CAMPAIGN}/recap")
    assert "有1个单位的总结等着审核" in reviewer.follows("下级报送情况")
    reviewer.checks()
    reviewer.follows("只看等着审核的")
    reviewer.follows("乙县残联")
    reviewer.page.check("[name=decision][value=returned]")
    assert "退回要写明原因" in reviewer.clicks("提交审核结论")
    assert reviewer.page.is_checked("[name=decision][value=returned]")
    reviewer.checks()
    reviewer.fills(reason="海报数请核对印刷单")
    assert "已退回第1版" in reviewer.clicks("提交审核结论")


def accepts(reviewer: Person, number: int) -> None:
    """Accept a version of 乙县."""
    reviewer.goes(f"{CAMPAIGN}/recap/versions/{number}?organisation=x2")
    reviewer.page.check("[name=decision][value=accepted]")
    assert f"已接受第{number}版" in reviewer.clicks("提交审核结论")


def freezes(lead: Person, number: int) -> None:
    """Make a version of 乙县 final."""
    lead.goes(f"{CAMPAIGN}/recap/versions/{number}?organisation=x2")
    assert f"第{number}版已定稿" in lead.clicks("定稿")


def test_what_is_sent_twice_counts_once(enter: Enter) -> None:
    clerk = enter("jingban")
    address = f"{CAMPAIGN}/recap/versions?organisation=x1"
    clerk.goes(address)
    second = Person(clerk.page.context.new_page(), clerk.address, clerk.checker)
    second.goes(address)
    assert "第1版已报送" in clerk.clicks("报送第1版")
    assert "第1版已报送，还没有结果，不能再报送一版" in second.clicks("报送第1版")
    clerk.page.go_back()
    assert "报送第2版" not in clerk.reads()
    clerk.goes(f"{CAMPAIGN}/recap/manuscript/new")
    second.goes(f"{CAMPAIGN}/recap/manuscript/new")
    clerk.fills(title="媒体报道", text="三家媒体作了报道。")
    second.fills(title="媒体报道", text="三家媒体作了报道。")
    clerk.clicks("保存")
    assert "示例经办人" in second.clicks("保存")
    assert second.page.input_value("[name=text]") == "三家媒体作了报道。"


def test_a_summary_is_proof_read(enter: Enter, tmp_path: Path) -> None:
    clerk = enter("jingban")
    clerk.goes(f"{CAMPAIGN}/recap")
    clerk.follows("核稿")
    assert "请粘贴文字，或者选择" in clerk.clicks("开始核对")
    clerk.checks()
    clerk.fills(text="活动期间，走访慰问残疾人121人，发放慰问金2.4万元。")
    found = clerk.clicks("开始核对")
    assert "有1处需要修改" in found
    assert "写的是121人，系统中走访慰问人数是120人，多了1人" in found
    clerk.checks()
    clerk.follows("第1处：121人")
    assert clerk.page.locator(":target").inner_text() == "121人"
    with clerk.page.expect_popup() as opened:
        clerk.follows("查看记录（另开一页）：121人")
    records = Person(opened.value, clerk.address, clerk.checker).reads()
    assert "明细记录" in records
    assert "120人" in records
    assert "有1处需要修改" in clerk.reads()
    written = Document()
    written.add_paragraph("活动期间，走访慰问残疾人一百二十人，共走访119次。")
    written.save(str(tmp_path / "总结.docx"))
    clerk.fills(text="")
    clerk.page.set_input_files("[name=file]", tmp_path / "总结.docx")
    found = clerk.clicks("开始核对")
    assert "写的是119次，系统中走访慰问次数是120次" in found
    assert "一百二十人" in found
