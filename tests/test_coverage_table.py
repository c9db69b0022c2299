"""docs/coverage.md says what the rows of tests/cases check: a cell that is lost, or a function without one, is seen here."""

from __future__ import annotations

from cases import ROWS
from coverage_table import COMMAND, NO, PAGE, declared, page, written


def test_page_is_that_of_the_rows():
    listed, rows = written(PAGE.read_text()), declared(ROWS)
    hint = f"run `{COMMAND}`, which writes the page"
    assert [n for n in listed if n not in rows] == [], f"functions without a row now: {hint} if they are to go"
    assert [n for n in rows if n not in listed] == [], f"functions that the page does not have: {hint}"
    changed = {n: (was, now) for n, was in listed.items() if (now := rows[n]) != was}
    assert changed == {}, f"cells that are not what the rows check, as (page, rows): {hint}"


def test_no_cell_fails():
    assert [n for n, cells in written(PAGE.read_text()).items() if NO in cells] == []


def test_a_page_reads_as_it_was_written():
    table = declared(ROWS)
    assert written(page(table)) == table
