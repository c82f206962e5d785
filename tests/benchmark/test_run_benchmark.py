"""What is compared with what once all runs are done."""

from dataclasses import replace

from rldbs.benchmark.plan import benchmark, plan
from rldbs.benchmark.run_benchmark import _compared, _results
from rldbs.files.folder import Folder
from tests.compare.conftest import Runs


def test_tasks_that_share_their_environment_are_not_mixed_up(tmp_path):
    tasks = ["tasks=[bvdp,bvdp-onset]", "controllers=[pd]", "learners=[ppo]", "seeds=1"]
    runs, cells = Runs(tmp_path), []
    for k, cell in enumerate(plan(benchmark(tasks, None))):
        folder = runs(f"{cell.task.name}/{cell.agent}", [10.0 + k, 10.0], agent={"name": cell.agent, "gain": k})
        cells.append(replace(cell, folder=Folder(folder)))
    comparison = _compared(cells)
    assert [table.title for table in comparison.tables] == ["bvdp · delta", "bvdp · delta · onset"]
    assert [sorted(row.label for row in table.rows) for table in comparison.tables] == [["pd", "ppo"]] * 2
    results = {result.name: result for result in _results(comparison, cells)}
    assert results["bvdp"].sought.aim == "suppression"
    assert results["bvdp-onset"].sought.aim == "latency"
    assert all(name in run for name, result in results.items() for row in result.table.rows for run in row.runs)
