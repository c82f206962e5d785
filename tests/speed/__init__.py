"""How fast the core is beside other tools, and beside what the machine can do: python -m tests.speed"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
