"""Charts reach those who read a recap: with the page, and within the file that is taken along."""

from __future__ import annotations

from tests.fixtures.application import SignIn

PAGE = "/campaigns/2022-city/recap"
PICTURE = 'src="data:image/svg+xml;base64,'


async def test_the_page_and_the_file_bring_their_charts(
    campaign_2022: str, sign_in: SignIn
) -> None:
    client = await sign_in("viewer", "city")
    page, file = await client.get(PAGE), await client.get(f"{PAGE}.html")
    assert page.text.count(PICTURE) == file.text.count(PICTURE) == 2
    assert "2022年5月5日至20日每日开展情况" in page.text
    # Neither may fetch anything from elsewhere, and both may show what they hold.
    for answer in (page, file):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert any(
            "data:" in rule.split() and rule.split()[0] == "img-src"
            for rule in policy.split(";")
            if rule.strip()
        )
