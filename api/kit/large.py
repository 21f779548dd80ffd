"""How a route says that it may take or give a lot: ``opt={"permission": …, **large.BODY}``.

A server has such requests answered by a second process, see ``api.annex``; elsewhere it changes
nothing. It is for what needs much memory or holds the event loop for long: bundles, spreadsheets,
photographs.
"""

from __future__ import annotations

from typing import Final

OPTION: Final = "large"
BODY: Final = {OPTION: "body"}
"""What comes in may be large: those requests go there whose body is."""
ANSWER: Final = {OPTION: "answer"}
"""What goes out, or what is done for it, may be: all requests go there."""
