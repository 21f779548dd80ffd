"""Which rows carry which metric's amounts or subjects, for ``bench.figures_by_hand``."""

from __future__ import annotations

ROUND = "JOIN condolence_round r ON r.id = l.round"
FAIR = "JOIN job_fair_fair f ON f.id = p.fair"
# Metrics and their amounts, the rows that carry them, and the office of a row.
SUMS: tuple[tuple[dict[str, str], str, str], ...] = (
    (
        {"condolence.visits": "1", "condolence.cash": "l.cash"},
        f"condolence_line l {ROUND} WHERE l.campaign = 1 AND l.status = 'delivered'",
        "r.organisation",
    ),
    (
        {
            "condolence.goods_value": "g.quantity * g.unit_value",
            "condolence.goods_items": "g.quantity",
        },
        (
            f"condolence_goods g JOIN condolence_line l ON l.id = g.line {ROUND}"
            " WHERE g.campaign = 1 AND l.status = 'delivered'"
        ),
        "r.organisation",
    ),
    ({"job_fair.fairs": "1"}, "job_fair_fair f WHERE f.campaign = 1", "f.organisation"),
    (
        {"job_fair.openings": "p.openings"},
        f"job_fair_position p {FAIR} WHERE p.campaign = 1",
        "f.organisation",
    ),
    (
        {"job_fair.attendances": "1"},
        "job_fair_attendance p JOIN job_fair_fair f ON f.id = p.fair WHERE p.campaign = 1",
        "f.organisation",
    ),
    (
        {"job_fair.applications": "1"},
        (
            f"job_fair_application l JOIN job_fair_position p ON p.id = l.position {FAIR}"
            " WHERE l.campaign = 1"
        ),
        "f.organisation",
    ),
    (
        {"volunteer.attendances": "1", "volunteer.hours": "a.credited_minutes"},
        (
            "volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
            " WHERE a.campaign = 1 AND a.status = 'confirmed'"
        ),
        "h.organisation",
    ),
    (
        {
            f"publicity.{metric}": f"CASE WHEN i.kind = '{kind}' AND i.reprint_of IS NULL THEN 1"
            " ELSE 0 END"
            for kind, metric in (
                ("article", "articles"),
                ("tv", "tv"),
                ("radio", "radio"),
                ("video", "videos"),
                ("brief", "briefs"),
            )
        }
        | {"publicity.reprints": "CASE WHEN i.reprint_of IS NULL THEN 0 ELSE 1 END"},
        "publicity_item i WHERE i.campaign = 1",
        "i.organisation",
    ),
    (
        {
            f"publicity.{kind}{'' if kind == 'sms' else 's'}": (
                f"CASE WHEN m.kind = '{kind}' THEN m.quantity ELSE 0 END"
            )
            for kind in ("banner", "leaflet", "booklet", "poster", "slogan", "sms")
        },
        "publicity_material m WHERE m.campaign = 1",
        "m.organisation",
    ),
    (
        {"publicity.reach": "o.people"},
        "publicity_outreach o WHERE o.campaign = 1",
        "o.organisation",
    ),
)
# Metric, subject, the rows, and the office of a row.
SUBJECTS: tuple[tuple[str, str, str, str], ...] = (
    *(
        (
            f"condolence.{metric}",
            "l.recipient",
            (
                f"condolence_line l {ROUND} JOIN condolence_recipient p ON p.id = l.recipient"
                f" WHERE l.campaign = 1 AND l.status = 'delivered' AND p.kind = '{kind}'"
            ),
            "r.organisation",
        )
        for metric, kind in (
            ("households", "household"),
            ("people", "person"),
            ("institutions", "institution"),
        )
    ),
    *(
        (
            f"job_fair.{metric}",
            f"p.{column}",
            f"job_fair_position p {FAIR} WHERE p.campaign = 1",
            "f.organisation",
        )
        for metric, column in (("employers", "employer"), ("job_types", "job_type"))
    ),
    (
        "job_fair.attendees",
        "p.seeker",
        "job_fair_attendance p JOIN job_fair_fair f ON f.id = p.fair WHERE p.campaign = 1",
        "f.organisation",
    ),
    *(
        (
            f"job_fair.{metric}",
            "l.seeker",
            (
                f"job_fair_application l JOIN job_fair_position p ON p.id = l.position {FAIR}"
                f" WHERE l.campaign = 1 AND l.stage IN ({stages})"
            ),
            "f.organisation",
        )
        for metric, stages in (("intents", "'intent', 'signed', 'hired'"), ("hired", "'hired'"))
    ),
    (
        "volunteer.volunteers",
        "a.volunteer",
        (
            "volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
            " WHERE a.campaign = 1 AND a.status = 'confirmed'"
        ),
        "h.organisation",
    ),
    (
        "volunteer.activities",
        "h.activity",
        (
            "volunteer_attendance a JOIN volunteer_shift h ON h.id = a.shift"
            " WHERE a.campaign = 1 AND a.status = 'confirmed' AND h.activity IS NOT NULL"
        ),
        "h.organisation",
    ),
)
