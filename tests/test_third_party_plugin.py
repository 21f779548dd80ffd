"""A plugin that the house does not know does all that a plugin may do."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from tongxing_hearing_test import figures as counted

from core import bundles, campaigns, database, figures, migrating, own_metrics, reports
from core.checking import figures as checking
from core.numbers import plain
from core.permissions import SYSTEM
from core.process import Process
from core.recap import build
from core.recap.formats import markdown
from core.recap.formats.as_json import report_as_json
from core.recap.model import Paragraph, Section, said
from core.recap.templating import changes as template_changes
from core.shapes import DocumentRefused
from tests.core.bundle_samples import NAMES, campaign, places, small
from tests.fixtures.application import Bearer, SignIn
from tests.fixtures.command_line import CommandLine
from tests.fixtures.people import csrf_token

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "tests" / "third_party_plugin"
KEY = "generated-1"
PAGE = f"/campaigns/{KEY}/hearing-test"
JSON = f"/api/v1/campaigns/{KEY}/hearing-test/screenings"
SCREENINGS: list[dict[str, Any]] = [
    {
        "key": "s1", "organisation": "c0t0", "activity": "a00", "held_on": "2026-03-01",
        "people": 120, "referred": 7,
    },
    {
        "key": "s2", "organisation": "c0", "activity": None, "held_on": "2026-03-03",
        "people": 80, "referred": 3,
    },
    {
        "key": "s3", "organisation": "c1t0", "activity": None, "held_on": "2026-04-01",
        "people": 40, "referred": 0,
    },
]  # fmt: skip


def with_screenings() -> dict[str, Any]:
    document: dict[str, Any] = small()
    document["plugins"]["hearing_test"] = {"screenings": [dict(item) for item in SCREENINGS]}
    target = {"metric": "hearing_test.people", "organisation": "city", "value": "480"}
    document["targets"].append(target)
    return document


@pytest.fixture
async def loaded(process: Process) -> Process:
    """The application with a campaign that has screenings."""
    await bundles.import_document(with_screenings(), process.plugins, process.catalogue, SYSTEM)
    return process


async def recap(process: Process, key: str = KEY) -> dict[str, Any]:
    found = await campaigns.find(key)
    report = await reports.read(found, None, process.plugins, process.catalogue)
    return report_as_json(report, process.catalogue)


def test_nothing_of_ours_names_it() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    named = re.compile(r"tongxing[-_]hearing|hearing[-_]test")
    ours = [
        ROOT / line
        for line in listed.stdout.splitlines()
        if not line.startswith(("tests/", "docs/plugins.md")) and (ROOT / line).is_file()
    ]
    found = [path for path in ours if named.search(path.read_text("utf-8", errors="replace"))]
    assert len(ours) > 100
    assert found == []


def test_running_does_not_install_it() -> None:
    """`make run` installs what is needed for running; the tests' plugin comes with the tests."""
    script = (ROOT / "requirements" / "install").read_text(encoding="utf-8")
    functions: dict[str, str] = dict(
        re.findall(r"^(\w+)\(\) \{\n(.*?)^\}", script, re.MULTILINE | re.DOTALL)
    )
    assert "third_party_plugin" in functions["install_for_testing"]
    assert "third_party_plugin" not in functions["install_for_running"]
    assert script.count("third_party_plugin") == functions["install_for_testing"].count(
        "third_party_plugin"
    )


def test_it_uses_only_what_a_plugin_may() -> None:
    for path in FOLDER.rglob("*.py"):
        for module in re.findall(
            r"^(?:from|import) ([\w.]+)", path.read_text("utf-8"), re.MULTILINE
        ):
            top = module.split(".")[0]
            assert top not in ("plugins", "app", "tests"), path
            assert top != "api" or module.startswith("api.kit"), path


async def test_its_table_comes_with_its_migrations(process: Process) -> None:
    assert "hearing_test" in process.plugins.keys
    assert await migrating.pending() == []
    assert await database.fetch("SELECT * FROM hearing_test_screening") == []


@pytest.mark.parametrize("name", NAMES)
async def test_campaigns_that_do_not_use_it_stay_what_they_were(
    name: str, process: Process
) -> None:
    document = campaign(name)
    key = await bundles.import_document(document, process.plugins, process.catalogue, SYSTEM)
    exported = await bundles.export_bundle(key, process.plugins)
    assert "hearing_test" not in exported
    report = await recap(process, key)
    assert not [line for line in json.dumps(report).split('"') if line.startswith("hearing_test")]


async def test_its_records_travel_in_bundles(loaded: Process) -> None:
    first = await bundles.export_bundle(KEY, loaded.plugins)
    assert json.loads(first)["plugins"]["hearing_test"]["screenings"] == SCREENINGS
    await bundles.import_bundle(first.encode(), loaded.plugins, loaded.catalogue, SYSTEM)
    assert await bundles.export_bundle(KEY, loaded.plugins) == first
    without = with_screenings()
    del without["plugins"]["hearing_test"]
    await bundles.import_document(without, loaded.plugins, loaded.catalogue, SYSTEM)
    assert await database.fetch("SELECT * FROM hearing_test_screening") == []


async def test_its_rules_refuse_a_bundle(loaded: Process) -> None:
    document = with_screenings()
    document["plugins"]["hearing_test"]["screenings"][0]["referred"] = 121
    document["plugins"]["hearing_test"]["screenings"][1]["organisation"] = "nowhere"
    document["plugins"]["hearing_test"]["screenings"][2]["key"] = "s1"
    document["plugins"]["hearing_test"]["extra"] = 1
    with pytest.raises(DocumentRefused) as refused:
        await bundles.import_document(document, loaded.plugins, loaded.catalogue, SYSTEM)
    place = "/plugins/hearing_test"
    assert set(places(list(refused.value.faults))) == {
        (f"{place}/screenings/0/referred", "value"),
        (f"{place}/screenings/1/organisation", "unknown_reference"),
        (f"{place}/screenings/2/key", "duplicate"),
        (f"{place}/extra", "unknown_key"),
    }


async def test_its_metrics_go_up_the_tree(loaded: Process) -> None:
    report = await recap(loaded)
    own = {figure["metric"]: figure for figure in report["figures"]}
    assert own["hearing_test.people"]["value"] == "240"
    assert own["hearing_test.people"]["completion"] == "0.5"
    assert own["hearing_test.sessions"]["value"] == "3"
    # 10 of 240: 0.041666…
    assert own["hearing_test.referral_rate"]["value"] == "0.0417"
    county = {figure["metric"]: figure["value"] for figure in report["by_organisation"]["c0"]}
    assert county["hearing_test.people"] == "200"
    assert county["hearing_test.referral_rate"] == "0.05"


async def test_its_figures_are_held_against_its_slow_reading(
    loaded: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await campaigns.find(KEY)
    assert await checking.check(found, loaded.plugins, loaded.catalogue) == []
    monkeypatch.setattr(counted, "SOURCES", ())  # it counts nothing any more
    complaints = await checking.check(found, loaded.plugins, loaded.catalogue)
    wrong = {c.place.split()[-1] for c in complaints if c.code == "figure_differs"}
    assert wrong == {metric.key for metric in counted.METRICS}


async def test_a_total_for_one_activity_counts_what_it_has_on_record(loaded: Process) -> None:
    document = with_screenings()
    document["reported"].append(
        {
            "key": "total", "metric": "hearing_test.people", "organisation": "c0t0",
            "activity": "a00", "value": "150", "basis": "total",
        }
    )  # fmt: skip
    await bundles.import_document(document, loaded.plugins, loaded.catalogue, SYSTEM)
    own = {figure["metric"]: figure for figure in (await recap(loaded))["figures"]}
    assert own["hearing_test.people"]["value"] == "270"
    assert own["hearing_test.people"]["itemised"] == "240"


def all_parts(sections: Sequence[Section]) -> Iterator[Section]:
    """Sections, with those inside them."""
    for section in sections:
        yield section
        yield from all_parts(section.sections)


async def test_it_writes_its_part_of_the_recap_and_its_findings(loaded: Process) -> None:
    found = await campaigns.find(KEY)
    report = await reports.read(found, None, loaded.plugins, loaded.catalogue)
    document = await build.document(report, loaded.plugins, loaded.catalogue)
    ours = next(part for part in all_parts(document.sections) if part.plugin == "hearing_test")
    told = [said(block.inlines) for block in ours.blocks if isinstance(block, Paragraph)]
    assert told == ["开展听力筛查3场，筛查240人次，建议转诊10人。"]
    codes = {finding.code: finding for finding in report.findings}
    assert codes["hearing_test_outside_window"].organisation == "c1t0"
    text = markdown.render(document)
    assert ours.title == "听力筛查"
    assert "镇1-0在2026年4月1日的听力筛查不在活动期间" in text


async def test_an_office_words_its_part_otherwise(loaded: Process) -> None:
    found = await campaigns.find(KEY)
    offices = {row["key"]: row["id"] for row in await database.fetch("SELECT * FROM organisation")}
    plugins = loaded.plugins
    known = await own_metrics.known(found, plugins)
    text = "全年筛查{听力筛查人次}，转诊率{转诊率}。"
    await template_changes.save(SYSTEM, offices["c0"], "hearing_test", text, known, plugins)

    async def told(office: str) -> list[str]:
        report = await reports.read(found, office, plugins, loaded.catalogue)
        document = await build.document(report, plugins, loaded.catalogue)
        ours = next(part for part in all_parts(document.sections) if part.plugin == "hearing_test")
        return [said(block.inlines) for block in ours.blocks if isinstance(block, Paragraph)]

    assert await told("c0") == ["全年筛查200人次，转诊率5%。"]
    assert await told("c0t0") == ["全年筛查120人次，转诊率5.83%。"]
    assert await told("c1") == ["开展听力筛查1场，筛查40人次。"]


async def test_its_figures_open_down_to_its_records(loaded: Process) -> None:
    scope = await campaigns.scope(await campaigns.find(KEY), "c0")
    arguments = {"scope": scope, "metric": "hearing_test.people", "limit": 1}
    first = await loaded.plugins.ask_one("figure_records", "hearing_test", after=0, **arguments)
    assert first is not None
    assert [record.amount for record in first.value.records] == [120]
    rest = await loaded.plugins.ask_one(
        "figure_records", "hearing_test", after=first.value.after, **arguments
    )
    assert rest is not None
    assert [(record.amount, record.on) for record in rest.value.records] == [(80, "2026-03-03")]
    assert rest.value.after is None
    computed = await figures.compute(scope, loaded.plugins, ("hearing_test",))
    assert plain(computed.own["hearing_test.people"].value) == "200"


async def test_its_entries_stand_in_the_calendar(
    loaded: Process, client: httpx.AsyncClient
) -> None:
    from core.moments import now
    from events import feed_tokens

    token = await feed_tokens.create(SYSTEM, await campaigns.find(KEY), "city", "", now=now())
    answer = await client.get(feed_tokens.path(token))
    assert answer.status_code == 200
    assert "SUMMARY:听力筛查：镇0-0" in answer.text
    assert "DTSTART;VALUE=DATE:20260301" in answer.text


async def test_its_page_lists_and_takes_down(loaded: Process, sign_in: SignIn) -> None:
    clerk = await sign_in("clerk", "c0")
    page = await clerk.get(PAGE)
    assert page.status_code == 200
    assert "2026年3月1日" in page.text
    assert "镇1-0" not in page.text
    form = {
        "organisation": "c0t1", "held_on": "2026-03-05", "people": "30", "referred": "2",
        "csrf_token": csrf_token(page.text),
    }  # fmt: skip
    answer = await clerk.post(PAGE, data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert "已登记筛查30人" in (await clerk.get(PAGE)).text
    trace = await database.fetch_one(
        "SELECT * FROM audit_entry WHERE action = 'hearing_test.added'"
    )
    assert trace is not None
    assert trace["campaign"] == KEY
    for wrong, sentence in [
        ({"organisation": "c1t0"}, "不在您的范围之内"),
        ({"referred": "31"}, "转诊人数多于筛查人数"),
        ({"held_on": "2026-02-30"}, "日期"),
    ]:
        refused = await clerk.post(PAGE, data={**form, **wrong})
        assert refused.status_code == 422
        assert sentence in refused.text
    rows = await database.fetch("SELECT * FROM hearing_test_screening")
    assert len(rows) == len(SCREENINGS) + 1


async def test_its_page_is_found_by_those_who_may_alone(
    loaded: Process, sign_in: SignIn, client: httpx.AsyncClient
) -> None:
    overview = f"/campaigns/{KEY}/activities"
    viewer = await sign_in("viewer", "city")
    assert f'href="{PAGE}"' in (await viewer.get(overview)).text
    assert "登记一场筛查" not in (await viewer.get(PAGE)).text
    assert (await viewer.post(PAGE, data={})).status_code == 403
    volunteer = await sign_in("volunteer", "city")
    assert (await volunteer.get(PAGE)).status_code == 403
    assert (await client.get(PAGE)).status_code == 303
    document = small()
    await bundles.import_document(document, loaded.plugins, loaded.catalogue, SYSTEM)
    assert (await viewer.get(PAGE)).status_code == 404
    assert f'href="{PAGE}"' not in (await viewer.get(overview)).text


async def test_its_kind_of_activity_is_offered(loaded: Process, sign_in: SignIn) -> None:
    """Where it is enabled, and nowhere else."""
    organiser = await sign_in("organiser", "city")
    option = '<option value="hearing_test">听力筛查</option>'
    assert option in (await organiser.get(f"/campaigns/{KEY}/new-activity")).text
    await bundles.import_document(small(), loaded.plugins, loaded.catalogue, SYSTEM)
    assert option not in (await organiser.get(f"/campaigns/{KEY}/new-activity")).text


async def test_its_json_lists_and_creates_once(
    loaded: Process, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    headers = await bearer("clerk", "c0")
    listed = await client.get(JSON, headers=headers, params={"limit": 1})
    assert [item["key"] for item in listed.json()["items"]] == ["s1"]
    following = {"limit": 1, "cursor": listed.json()["next"]}
    rest = await client.get(JSON, headers=headers, params=following)
    assert [item["key"] for item in rest.json()["items"]] == ["s2"]
    body = {"organisation": "c0", "held_on": "2026-03-06", "people": 5, "referred": 1}
    once = {**headers, "idempotency-key": "5f3c"}
    first = await client.post(JSON, headers=once, json=body)
    again = await client.post(JSON, headers=once, json=body)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    wrong = await client.post(JSON, headers=headers, json={**body, "referred": 6})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["pointer"] == "/referred"
    assert len(await database.fetch("SELECT id FROM hearing_test_screening")) == 4


async def test_a_closed_campaign_takes_nothing_more(
    loaded: Process, client: httpx.AsyncClient, bearer: Bearer
) -> None:
    await database.execute("UPDATE campaign SET state = 'closed'")
    body = {"organisation": "c0", "held_on": "2026-03-06", "people": 5, "referred": 1}
    answer = await client.post(JSON, headers=await bearer("clerk", "c0"), json=body)
    assert answer.status_code == 409


def test_its_command_stands_beside_ours(command_line: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "campaign.json"
    file.write_text(json.dumps(with_screenings()), encoding="utf-8")
    assert command_line("import", file).returncode == 0
    listed = command_line("hearing-test", "list", KEY)
    assert listed.stdout.splitlines()[0] == "2026-03-01\t镇0-0\t120\t7"
    assert "听力筛查" in command_line("plugins").stdout
    assert "hearing-test" in command_line("--help").stdout
