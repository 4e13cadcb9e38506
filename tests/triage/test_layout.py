"""The word list stays easy to read and to compare from one change to the next."""

from tests.triage.lay_out import FLAGS, laid_out


def test_the_lists_of_the_lexicon_are_laid_out() -> None:
    text = FLAGS.read_text("utf-8")
    assert laid_out(text) == text, "run `python -m tests.triage.lay_out`"


def test_laying_out_wraps_words_folds_wordings_and_keeps_comments() -> None:
    words = ", ".join(f'"word number {i}"' for i in range(8))
    wording = '"[leg] ~ (' + "|".join(f"choice {i}" for i in range(12)) + ')"'
    text = f"about = [{words}, \n# of the foot\n{wording}]\n"
    assert laid_out(text).splitlines() == [
        "about = [",
        '  "word number 0", "word number 1", "word number 2", "word number 3", "word number 4",',
        '  "word number 5", "word number 6", "word number 7",',
        "  # of the foot",
        '  """[leg] ~ (choice 0|choice 1|choice 2|choice 3|choice 4|choice 5|choice 6|choice 7|'
        "choice 8|\\",
        '     choice 9|choice 10|choice 11)""",',
        "]",
    ]
