"""A run that has ended well but has lost its measurement is measured anew when it goes on."""

import json
import shutil

import pytest

from rldbs.runs.find import complete, read_metrics
from tests.conftest import call
from tests.tune.conftest import search as search

LOST = ['{"deterministic": 5}', "", None]


@pytest.mark.parametrize("content", LOST)
@pytest.mark.parametrize("kind", ["run", "search"])
def test_what_was_lost_is_measured_again(kind, content, tmp_path, request, capsys):
    folder = tmp_path / kind
    shutil.copytree(request.getfixturevalue(kind), folder, symlinks=True)
    whole = read_metrics(folder, "final")
    code, _, err = call(["resume", str(folder)], capsys)
    assert code == 2
    assert "For more: " in err
    path = folder / "evaluation" / "final" / "metrics.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert not complete(folder)
    assert call(["resume", str(folder)], capsys)[0] == 0
    assert json.loads(path.read_text()) == whole
    assert complete(folder)
