"""Renew the tables of docs/triage.md: `python -m tests.triage.refresh_page`."""

import tomllib

from service.config import ROOT
from service.triage.handbook import with_tables
from service.triage.lexicon import compile_lexicon

PAGE = ROOT / "docs" / "triage.md"
FLAGS = ROOT / "messages" / "red_flags.toml"


def main() -> None:
    lexicon = compile_lexicon(tomllib.loads(FLAGS.read_text("utf-8")))
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), lexicon), "utf-8")


if __name__ == "__main__":
    main()
