import io
import json

from rich.console import Console

from onebox.ocds.document import Position, Problem
from onebox.ocds.report import MOST_REFUSALS, FileReport, Report

EMPTY = Problem("file-empty", "There is nothing in the file.")
BROKEN = Problem("invalid-json", "This is not valid JSON.")


def printed(report: Report) -> str:
    written = io.StringIO()
    report.show(Console(file=written, width=100))
    return written.getvalue()


def file(name: str = "a.json", **outcomes: int) -> FileReport:
    made = FileReport(f"/data/{name}", name, "a" * 64, 10, original_kept=True, documents=sum(outcomes.values()))
    made.outcomes.update(outcomes)
    return made


def test_the_exit_code_tells_whether_all_was_taken_in() -> None:
    unreadable = file()
    unreadable.unread(Position(), EMPTY)
    refused = file()
    refused.refused(Position(3), [BROKEN])

    assert [Report(files).exit_code for files in ([], [file(published=2)], [unreadable], [refused, file()])] == [
        0,
        0,
        3,
        3,
    ]
    assert Report([refused], failure="No answer.").exit_code == 1


def test_every_count_is_in_the_document_when_it_is_written_as_json() -> None:
    odd = file(published=1, unchanged=2, changed=3, merged=4)
    odd.unread(Position(), EMPTY)
    odd.refused(Position(5, "/records/0"), [BROKEN], 6)

    document = json.loads(json.dumps(Report([odd, file(published=1)]).document()))

    assert document["totals"] == {
        "files": 2, "documents": 11, "unreadable": 1, "published": 2, "changed": 3, "unchanged": 2, "merged": 4,
        "refused": 6,
    }  # fmt: skip
    assert document["files"][0]["refusals"] == [
        {"position": "", "code": "file-empty", "detail": "There is nothing in the file."},
        {"position": "line 5 /records/0", "code": "invalid-json", "detail": "This is not valid JSON."},
    ]
    assert (document["ok"], document["failure"], document["files"][1]["refusals"]) == (False, None, [])


def test_refusals_are_counted_when_there_are_more_than_are_kept() -> None:
    bad = file()
    for line in range(MOST_REFUSALS + 5):
        bad.unread(Position(line + 1), BROKEN)

    document = bad.document()

    assert (document["unreadable"], len(document["refusals"]), document["refusals_not_listed"]) == (1_005, 1_000, 5)


def test_a_person_is_told_the_first_reasons_when_something_is_refused() -> None:
    bad = file("bad[bold]\N{REPLACEMENT CHARACTER}.json", published=1)
    for line in (7, 9):
        bad.unread(Position(line), BROKEN)
    for number in range(4):
        bad.unread(Position(), Problem(f"code-{number}", f"Reason {number}."))
    big = FileReport("/data/big.json", "big.json", "b" * 64, 2**27)

    text = printed(Report([bad, big, file("good.json", unchanged=1_234)]))

    assert "bad[bold]\N{REPLACEMENT CHARACTER}.json" in text
    assert "line 7: This is not valid JSON. (2 times)" in text
    assert "  Reason 1." in text
    assert "Reason 3." not in text
    assert "and 2 other reasons" in text
    assert "/data/big.json\n  The file itself is not kept." in text
    assert "/data/good.json" not in text
    assert [row.split()[-4:] for row in text.splitlines() if "good.json" in row or "in all" in row] == [
        ["1,234", "0", "1,234", "0"],
        ["1,235", "1", "1,234", "6"],
    ]
    assert "changed " not in text.replace("unchanged ", "")


def test_the_table_stays_short_when_there_are_many_files() -> None:
    many = [file(f"{number}.json", published=1) for number in range(120)]
    for bad in many[:60]:
        bad.unread(Position(), EMPTY)

    text = printed(Report(many))

    assert "70 more files are not shown" in text
    assert "and 10 more files" in text
    assert len(text.splitlines()) < 170


def test_only_the_sentence_is_printed_when_nothing_could_be_imported() -> None:
    assert printed(Report([file()], failure="It does not answer.")) == "It does not answer.\n"
    assert "published" in printed(Report([file(published=1)], failure="It does not answer any more."))
