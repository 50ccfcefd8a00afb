"""How names are compared with what is handed in."""

import sys
import unicodedata

from credentials.evidence import rules


def test_no_accent_of_any_script_hides_a_name() -> None:
    accents = [character for character in map(chr, range(sys.maxunicode + 1)) if unicodedata.combining(character)]
    assert rules._folded("".join("n" + accent for accent in accents)) == "n" * len(accents)
    assert rules._folded("“Núñez’s” class – Ångström") == "“Nunez’s” class – Angstrom"
