"""What environments can show of themselves, as Gymnasium asks for it. Imports nothing heavy."""

from typing import Any

METADATA: dict[str, Any] = {"render_modes": ["rgb_array"], "render_fps": 30}
