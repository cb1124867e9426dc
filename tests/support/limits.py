"""How long tests wait. A wait ends with the event; its limit only ends what will never come.

How quick things are is measured in ``bench/``: a limit near the usual time fails on a busy machine.
"""

from __future__ import annotations

WAIT_S = 120.0
WAIT_MS = WAIT_S * 1000
