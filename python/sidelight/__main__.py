"""``python -m sidelight``: see ``console/chat.py``."""

import sys

from sidelight.console.chat import main

sys.exit(main())
