"""The page: what is in it without a browser, and what a browser makes of it where there is one."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from rldbs.analysis.page import embedded, page
from rldbs.compare.collect import collect
from rldbs.compare.comparison import compare
from rldbs.compare.page_values import values, write_page
from tests.conftest import HANGS

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
EVIL = "</script><script>document.title='broken'</script><img src=x onerror=alert(1)>{{data}}"


@pytest.fixture
def comparison(runs):
    course = [(100, 1.0, 5.0), (200, 2.0, 15.0)]
    for seed in (0, 1, 2):
        runs(f"a/ppo-{seed}", [30 + seed, 50], seed=seed, course=course)
    tuned = runs("a/p", [25, 25], kick=0.0005, agent={"name": "proportional"})
    columns = "trial,suppression_unseen,mean_abs_kick_unseen,activity_unseen"
    (tuned / "front.csv").write_text(f"{columns}\n0,10,0.0001,1\n1,11,0.0002,1\n5,,,\n2,25,0.0005,0.9\n")
    runs("a/none", [1, 1], kick=0.0, activity=1.0, agent={"name": "none"})
    runs("a/constant", [400, 300], kick=0.1, activity=0.1, agent={"name": "constant"})
    runs("a/evil", [2, 3], kick=0.2, agent={"name": EVIL})
    runs("a/hr", [10, 20], model={"name": "hr"})
    runs("a/failed", [10, 20], seed=9, meta={"status": "failed", "error": EVIL})
    return compare(collect([str(runs.root)]))


@pytest.fixture
def path(comparison, tmp_path):
    path = tmp_path / "comparison.html"
    write_page(comparison, path)
    return path


class Elements(HTMLParser):
    """Which elements there are, with their attributes, and the text of the one with the data."""

    def __init__(self):
        super().__init__()
        self.found, self.data, self._inside = [], "", False

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        self._inside = tag == "script" and dict(attrs).get("id") == "data"

    def handle_endtag(self, tag):
        self._inside = False

    def handle_data(self, data):
        self.data += data if self._inside else ""


def test_the_data_comes_out_as_it_went_in_whatever_is_in_it(comparison, path):
    parser = Elements()
    parser.feed(path.read_text())
    assert json.loads(parser.data) == json.loads(json.dumps(values(comparison)))
    assert EVIL in parser.data.encode().decode("unicode_escape", "replace")
    assert [tag for tag, _ in parser.found].count("script") == 2
    assert "img" not in [tag for tag, _ in parser.found]


def test_nothing_is_fetched_and_nothing_may_be(path):
    text = path.read_text()
    assert "default-src 'none'" in text
    parser = Elements()
    parser.feed(text)
    assert not [attributes for _, attributes in parser.found if {"src", "href", "srcset"} & attributes.keys()]
    assert set(re.findall(r"https?://[^\s\"'`]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"\b(fetch|XMLHttpRequest|import|@import|url)\s*\(", text)


def test_no_text_can_end_the_element_that_the_data_is_in():
    text = embedded({"label": "</script><!--&\u2028"})
    assert not re.search("[<>&\u2028]", text)
    assert json.loads(text) == {"label": "</script><!--&\u2028"}


def test_a_title_is_text():
    assert "<title>&lt;b&gt; &amp; {{data}}</title>" in page("<b> & {{data}}", {})


def test_numbers_that_json_does_not_have_are_refused():
    with pytest.raises(ValueError, match="JSON"):
        embedded({"s": float("nan")})


def test_the_same_comparison_is_the_same_file(comparison, path, tmp_path):
    write_page(comparison, tmp_path / "again.html")
    assert (tmp_path / "again.html").read_bytes() == path.read_bytes()


PLAY = """
<script>
addEventListener("error", (event) => { document.title = `error: ${event.message}`; });
const at = (selector) => document.querySelector(selector);
const texts = (selector) => [...document.querySelectorAll(selector)].map((element) => element.textContent);
const first = "section:first-of-type ";
const told = {};
told.tasks = texts("h2");
told.rows = texts(`${first} tbody td:first-child`);
told.marks = document.querySelectorAll(`${first} .chart:first-child .mark`).length;
told.lines = document.querySelectorAll(`${first} .chart:last-child .mark`).length;
told.hollow = document.querySelectorAll(`${first} .chart:first-child .shape[fill="var(--card)"]`).length;
told.found = document.querySelectorAll(`${first} .found`).length;
told.front = at(`${first} .front`).getAttribute("d").match(/[ML]/g).length;
at(`${first} .mark`).focus();
told.tip = texts(".tip:not([hidden]) strong");
document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
told.closed = document.querySelectorAll(".tip:not([hidden])").length;
at(`${first} thead th button`).click();
told.sorted = [at(`${first} thead th`).getAttribute("aria-sort"), ...texts(`${first} tbody td:first-child`)];
at(`${first} .legend button`).click();
told.left = document.querySelectorAll(`${first} .chart:first-child .mark`).length;
at(`${first} .bar button`).click();
at(`${first} .choice button:last-child`).click();
told.axis = at(`${first} .chart:last-child svg`).getAttribute("aria-label");
const held = at(`${first} select[aria-label^="row that"]`);
held.value = "0";
held.dispatchEvent(new Event("change"));
told.better = texts(`${first} tbody td:last-child`);
at("#theme").click();
told.theme = document.documentElement.dataset.theme;
told.wide = document.documentElement.scrollWidth - innerWidth;
const answer = document.createElement("pre");
answer.id = "answer";
answer.textContent = JSON.stringify(told);
document.body.append(answer);
</script>
</body>"""


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium; make test-page brings one")
@pytest.mark.parametrize("width", [1400, 500])
def test_a_browser_draws_it_all_and_answers_mouse_and_keyboard(path, tmp_path, width):
    path.write_text(path.read_text().replace("</body>", PLAY))
    done = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            f"--user-data-dir={tmp_path / 'profile'}",
            f"--window-size={width},1000",
            "--virtual-time-budget=3000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=HANGS,
    )
    assert "CONSOLE" not in done.stderr
    assert "<title>Closed-loop controllers compared</title>" in done.stdout
    assert 'data-ready="true"' in done.stdout
    found = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert found
    told = json.loads(found[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert told["tasks"] == ["bvdp · delta", "hr · delta"]
    assert told["rows"] == ["ppo", "proportional", EVIL, "none", "constant"]
    assert told["marks"] == 5
    assert told["lines"] == 4  # all but the quenched one
    assert told["hollow"] == 1
    assert told["found"] == 2
    assert told["front"] == 5
    assert told["tip"] == ["constant"]
    assert told["closed"] == 0
    assert told["sorted"] == ["ascending", EVIL, "constant", "none", "ppo", "proportional"]
    assert told["left"] == 4
    assert told["axis"] == "S of the checkpoints over training time (s)"
    assert told["better"] == ["0.00", "1.00", "0.00", "–", "0.00"]
    assert told["theme"] in ("light", "dark")
    assert told["wide"] <= 0
