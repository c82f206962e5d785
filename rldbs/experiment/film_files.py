"""The files of a film: a GIF and, where there is ffmpeg, an MP4."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rldbs.files.file import File

if TYPE_CHECKING:
    from PIL import Image


def write_films(film: "Sequence[Image.Image]", colours: Sequence[Any], gif: File, mp4: File) -> list[str]:
    """Write both; lines that tell where they are, or what failed.

    Args:
        film: its pictures.
        colours: all that is drawn in them, for the GIF.
        gif, mp4: the files.
    """
    from rldbs.analysis.plots.animation import FilmError, find_ffmpeg, write_gif, write_mp4

    write_gif(film, gif, colours)
    lines = [f"film     {gif}"]
    ffmpeg = find_ffmpeg()
    if ffmpeg is not None:
        try:
            write_mp4(film, mp4, ffmpeg)
        except FilmError as error:
            lines.append(f"warning  {error}")
        else:
            lines.append(f"film     {mp4}")
    return lines
