"""The slow readings of the built-in plugins, whatever else is installed."""

from __future__ import annotations

from plugins.condolence.slow_reading import READER as CONDOLENCE
from plugins.job_fair.slow_reading import READER as JOB_FAIR
from plugins.publicity.slow_reading import READER as PUBLICITY
from plugins.volunteer.slow_reading import READER as VOLUNTEER

READERS = {
    "condolence": CONDOLENCE,
    "job_fair": JOB_FAIR,
    "volunteer": VOLUNTEER,
    "publicity": PUBLICITY,
}
SUMS = [metric for reader in READERS.values() for metric in reader.sums]
DISTINCTS = [metric for reader in READERS.values() for metric in reader.distincts]
