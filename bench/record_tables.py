"""The tables of the four plugins as ``bench.records`` fills them, one statement each."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.records import Filling

ACTIVITIES = 200
LINES_A_ROUND, PEOPLE_A_SHIFT, SEEKERS_A_FAIR = 100, 50, 200


async def recipients(to: Filling) -> None:
    """Those who are visited: a hundred of each village that is."""
    villages = villages_visited(to)
    await to.fill(
        "condolence_recipient",
        villages * LINES_A_ROUND,
        {
            "key": "'r' || i",
            "kind": "CASE i % 20 WHEN 0 THEN 'institution' WHEN 1 THEN 'household'"
            " WHEN 2 THEN 'household' ELSE 'person' END",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at(f"i / {LINES_A_ROUND}"),
    )


def villages_visited(to: Filling) -> int:
    """How many villages are visited, each twice or more."""
    return min(1800, max(1, -(-to.count("condolence_line") // LINES_A_ROUND) // 2))


async def lines(to: Filling) -> None:
    """Rounds of a hundred lines, each of one village."""
    count, villages = to.count("condolence_line"), villages_visited(to)
    rounds = -(-count // LINES_A_ROUND)
    of_round, village = f"(i / {LINES_A_ROUND})", f"(i / {LINES_A_ROUND}) % {villages}"
    await to.fill(
        "condolence_round",
        rounds,
        {
            "key": "'n' || i",
            "occasion": "'全国助残日'",
            "organisation": "place.organisation",
            "visited_on": to.day("i"),
            "sequence": "0",
            "funder": "''",
        },
        to.at(f"i % {villages}"),
    )
    await to.fill(
        "condolence_line",
        count,
        {
            "round": to.of("condolence_round", of_round),
            # The same people again in the next rounds of their village.
            "recipient": to.of("condolence_recipient", f"{village} * 100 + i % 100"),
            "cash": "20000 + (i % 7) * 5000",
            "status": "CASE WHEN i % 50 = 0 THEN 'planned' ELSE 'delivered' END",
        },
    )


async def goods(to: Filling) -> None:
    """One kind of goods a line."""
    count, lines_there = to.count("condolence_goods"), to.count("condolence_line")
    await to.fill(
        "condolence_goods",
        count,
        {
            "line": to.of("condolence_line", "i"),
            "position": f"i / {lines_there}",
            "item": "'大米'",
            "quantity": "1 + i % 3",
            "unit": "'袋'",
            "unit_value": "6000",
        },
    )


async def shifts(to: Filling) -> None:
    """Shifts of fifty volunteers, who are those of its village."""
    records = to.count("volunteer_attendance")
    count = -(-records // PEOPLE_A_SHIFT)
    villages = min(1800, count)
    people = villages * PEOPLE_A_SHIFT
    await to.fill(
        "volunteer_person",
        people,
        {
            "key": "'v' || i",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at(f"i / {PEOPLE_A_SHIFT}"),
    )
    await to.fill(
        "volunteer_shift",
        count,
        {
            "key": "'h' || i",
            "activity": "occasion.id",
            "organisation": "place.organisation",
            "title": "'引导'",
            "starts_at": to.moment("i", 1),
            "ends_at": to.moment("i", 4),
            "capacity": str(PEOPLE_A_SHIFT),
            "label": "'引导' || i",
            "sequence": "0",
            "place": "''",
            "skills": "'[]'",
            "tasks": "'[]'",
            "risks": "''",
            "insurance": "''",
        },
        to.at(f"i % {villages}") + f" JOIN occasion ON occasion.n = i % {ACTIVITIES}",
    )


async def served(to: Filling) -> None:
    """Who served in which shift."""
    records = to.count("volunteer_attendance")
    villages = min(1800, to.count("volunteer_shift"))
    of_shift = f"(i / {PEOPLE_A_SHIFT})"
    await to.fill(
        "volunteer_attendance",
        records,
        {
            "key": "'t' || i",
            "shift": to.of("volunteer_shift", of_shift),
            "volunteer": to.of(
                "volunteer_person", f"({of_shift} % {villages}) * 50 + i % {PEOPLE_A_SHIFT}"
            ),
            "ordinal": "0",
            "checked_in_at": to.moment(of_shift, 1),
            "checked_out_at": to.moment(of_shift, 4),
            "status": "CASE WHEN i % 40 = 0 THEN 'no_show' ELSE 'confirmed' END",
            "credited_minutes": "20 + i % 11",
            "policy": "''",
            "closed_by_itself": "FALSE",
        },
    )


async def fairs(to: Filling) -> None:
    """Fairs of two hundred seekers, who come to two of them."""
    attendances = to.count("job_fair_attendance")
    count = -(-attendances // SEEKERS_A_FAIR)
    employers = max(1, to.count("job_fair_position") // 4)
    seekers = max(SEEKERS_A_FAIR, attendances // 2)
    await to.fill("job_fair_employer", employers, {"key": "'e' || i", "name": "'公司' || i"})
    await to.fill("job_fair_job_type", 100, {"name": "'工种' || i"})
    await to.fill(
        "job_fair_seeker",
        seekers,
        {
            "key": "'s' || i",
            "name_sealed": ":sealed",
            "name_index": "'n' || i",
            "organisation": "place.organisation",
        },
        to.at("i"),
    )
    await to.fill(
        "job_fair_fair",
        count,
        {
            "key": "'j' || i",
            "organisation": "place.organisation",
            "mode": "'online'",
            "held_on": to.day("i"),
            "sequence": "0",
        },
        to.at("i * 7"),
    )


async def positions(to: Filling) -> None:
    """What employers offer."""
    await to.fill(
        "job_fair_position",
        to.count("job_fair_position"),
        {
            "key": "'p' || i",
            "fair": to.of("job_fair_fair", "i"),
            "employer": to.of("job_fair_employer", "i * 3"),
            "job_type": to.of("job_fair_job_type", "i"),
            "title": "'包装工' || i % 50",
            "openings": "1 + i % 5",
            "accommodations": """'["wheelchair"]'""",
        },
    )


async def seeking(to: Filling) -> None:
    """Who came, and who applied for what."""
    attendances, applications = to.count("job_fair_attendance"), to.count("job_fair_application")
    offered = to.count("job_fair_position")
    of_fair = f"(i / {SEEKERS_A_FAIR})"
    await to.fill(
        "job_fair_attendance",
        attendances,
        {
            "fair": to.of("job_fair_fair", of_fair),
            "seeker": to.of("job_fair_seeker", "i"),
        },
    )
    await to.fill(
        "job_fair_application",
        applications,
        {
            "seeker": to.of("job_fair_seeker", "i * 3"),
            "position": to.of("job_fair_position", "i"),
            "ordinal": f"i / {offered}",
            "stage": "CASE i % 4 WHEN 0 THEN 'hired' WHEN 1 THEN 'intent' ELSE 'applied' END",
        },
    )


async def publicity(to: Filling) -> None:
    """What was published, put out and reached."""
    place = {"organisation": "place.organisation"}
    await to.fill(
        "publicity_item",
        to.count("publicity_item"),
        {
            "key": "'m' || i",
            "kind": "CASE i % 4 WHEN 0 THEN 'article' WHEN 1 THEN 'tv' WHEN 2 THEN 'video'"
            " ELSE 'brief' END",
            "title": "'报道' || i",
            "outlet": "'某日报' || i % 30",
            "outlet_level": "'city'",
            "published_on": to.day("i"),
            "url": "'https://example.org/' || i",
            "url_comparable": "'example.org/' || i",
            **place,
        },
        to.at("i"),
    )
    for table, key, columns in (
        (
            "publicity_material",
            "b",
            {
                "kind": "CASE i % 3 WHEN 0 THEN 'leaflet' WHEN 1 THEN 'poster' ELSE 'banner' END",
                "quantity": "10 + i % 90",
            },
        ),
        ("publicity_outreach", "o", {"people": "20 + i % 80"}),
    ):
        given = {"key": f"'{key}' || i", "happened_on": to.day("i"), **columns, **place}
        await to.fill(table, to.count(table), given, to.at("i"))


# In this order: each points at those before it.
PARTS = (recipients, lines, goods, shifts, served, fairs, positions, seeking, publicity)
