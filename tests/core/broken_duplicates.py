"""Bundles in which something stands twice that may stand once."""

from __future__ import annotations

from tests.core.broken_bundles import FAIR, ITEMS, ROUND, SERVED, case
from tests.core.bundle_samples import get, small

URL = "https://news.example.org/generated-1/m00385"
# Every list of things with keys: of those that hold nothing to be said twice, a copy is added; of
# the others the later takes the key of the first.
COPIED = [
    "/organisations",
    "/metrics",
    "/activities",
    "/reported",
    "/plugins/condolence/recipients",
    "/plugins/condolence/rounds",
    "/plugins/job_fair/employers",
    "/plugins/job_fair/seekers",
    "/plugins/volunteer/volunteers",
    "/plugins/volunteer/shifts",
    "/plugins/publicity/materials",
    "/plugins/publicity/outreach",
]
RENAMED = ["/plugins/job_fair/fairs", "/plugins/publicity/items"]
DUPLICATES = [
    *(
        case(
            f"a key twice in {place}",
            (f"{place}/-", f"=={place}/{len(get(small(), place)) - 1}"),
            expect=(f"{place}/{len(get(small(), place))}/key", "duplicate"),
        )
        for place in COPIED
    ),
    *(
        case(
            f"a key twice in {place}",
            (f"{place}/4/key", f"=={place}/0/key"),
            expect=(f"{place}/4/key", "duplicate"),
        )
        for place in RENAMED
    ),
    case(
        "two targets of a metric and an office",
        ("/targets/-", "==/targets/0"),
        ("/targets/6/value", "1"),
        expect=("/targets/6", "duplicate"),
    ),
    case(
        "a recipient twice in a round",
        (f"{ROUND}/lines/3/recipient", "r00001"),
        expect=(f"{ROUND}/lines/3/recipient", "duplicate"),
    ),
    case(
        "a position twice in a fair",
        (f"{FAIR}/positions/-", f"=={FAIR}/positions/0"),
        expect=(f"{FAIR}/positions/4/key", "duplicate"),
    ),
    case(
        "a position in two fairs",
        ("/plugins/job_fair/fairs/1/positions/5/key", "p00201"),
        expect=("/plugins/job_fair/fairs/1/positions/5/key", "duplicate"),
    ),
    case(
        "a seeker twice at a fair",
        (f"{FAIR}/attendances/3", "s00205"),
        expect=(f"{FAIR}/attendances/3", "duplicate"),
    ),
    case(
        "a confirmed attendance twice",
        (f"{SERVED}/-", f"=={SERVED}/1"),
        expect=(f"{SERVED}/6", "overlap"),
    ),
    case(
        "two totals of a metric and an office",
        ("/reported/0/basis", "total"),
        ("/reported/-", "==/reported/0"),
        ("/reported/6/key", "again"),
        expect=("/reported/6", "duplicate_total"),
    ),
    case(
        "two totals of a metric, an office and an activity",
        ("/reported/0/basis", "total"),
        ("/reported/0/activity", "a01"),
        ("/reported/-", "==/reported/0"),
        ("/reported/6/key", "again"),
        ("/reported/6/value", "7"),
        expect=("/reported/6", "duplicate_total"),
    ),
    *(
        case(
            f"the same page, {how}",
            (f"{ITEMS}/4/url", url),
            expect=(f"{ITEMS}/4/url", "duplicate_url"),
        )
        for how, url in {
            "letter by letter": URL,
            "without its scheme": URL.removeprefix("https://"),
            "by http": URL.replace("https", "http"),
            "with www": URL.replace("news.", "www.news."),
            "with a fragment": URL + "#top",
            "with a slash": URL + "/",
            "with utm parameters": URL + "?utm_source=a&utm_medium=b",
            "with spm": URL + "?spm=1.2.3",
            "with gclid": URL + "?gclid=1",
            "with fbclid": URL + "?fbclid=1",
            "with its host in upper case": URL.replace("news.example.org", "NEWS.Example.ORG"),
            "with all of it": "HTTP://WWW.News.Example.org/generated-1/m00385/?utm_id=1&spm=2#a",
        }.items()
    ),
]
