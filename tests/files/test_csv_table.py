"""Cells of tables in CSV: numbers are numbers, and texts are texts, to a spreadsheet too."""

import csv
import io

import pytest

from rldbs.files.csv_table import csv_bytes


def cells(row):
    (found,) = csv.reader(io.StringIO(csv_bytes([row]).decode(), newline=""))
    return found


@pytest.mark.parametrize("text", ["=1+1", "+1+1", "-1+1", "@A1", '=HYPERLINK("x")', "＝1", "-", "-x,y", "-0x1"])
def test_a_text_that_would_be_worked_out_has_an_apostrophe(text):
    assert cells([text]) == [f"'{text}"]


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", "\x1b[31m=1"])
def test_nor_does_it_hide_behind_what_nobody_sees(text):
    (cell,) = cells([text])
    assert cell.isprintable()
    assert cell[0] == "\\"


@pytest.mark.parametrize("number", ["-0.5", "+2", "-1e-05", "-inf", "3"])
def test_numbers_stay_as_they_are_written(number):
    assert cells([number]) == [number]


def test_other_values():
    assert cells([-2, -0.25, None, True, "pd", "a,b", 'a"b', "a=b"]) == [
        *("-2", "-0.25", "", "True", "pd", "a,b", 'a"b', "a=b")
    ]
