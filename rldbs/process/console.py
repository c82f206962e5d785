"""What is shown with colours, tables and bars: whatever a file or a name holds, it is shown as text."""

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress import Task, TextColumn
from rich.segment import Segment
from rich.table import Column
from rich.text import Text

from rldbs.core.errors import visible


class Screen(Console):
    """A console to which nothing steers a terminal but itself, and no text is markup."""

    def render_str(self, text: str, **named: Any) -> Text:
        return super().render_str(_legible(text), **named)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterator[Segment]:
        """The last place through which all goes that is shown, whoever has made it."""
        return _legible_segments(super().render(renderable, options))


class Words(TextColumn):
    """Words beside a bar, as they stand.

    Args:
        template: with ``{task.…}`` for what is known of the task.
        column: how the table of the bars is to hold it.
    """

    def __init__(self, template: str, column: Column | None = None) -> None:
        super().__init__(template, markup=False, table_column=column)

    def render(self, task: Task) -> Text:
        return Text(_legible(super().render(task).plain))


def screen(stream: TextIO | None = None, width: int | None = None, silent: bool = False) -> Console:
    """Where the program shows what it does; every such place is made here.

    Args:
        stream: where to, by default the standard output.
        width: characters of a line, by default those of the terminal.
        silent: whether nothing is shown.
    """
    return Screen(
        file=stream,
        width=width,
        quiet=silent,
        force_terminal=False if silent else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


def _legible_segments(segments: Iterable[Segment]) -> Iterator[Segment]:
    for segment in segments:
        yield segment if segment.control else Segment(_legible(segment.text), segment.style)


def _legible(text: str) -> str:
    """The text, line by line, as it can be seen."""
    return "\n".join(map(visible, text.split("\n")))
