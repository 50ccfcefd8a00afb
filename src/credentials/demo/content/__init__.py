"""What the demonstration is made of: organisations, frameworks, micro-credentials, people, and the work they hand in.

The words are in ``data/``, one TOML file for each micro-credential, where somebody who knows curriculum can edit them;
``load`` reads them, ``evidence`` makes submissions of them, ``artifacts`` the files that go with these. Everybody in it is
invented; only the research that is cited is real.
"""

from credentials.demo.content.evidence import draft_submission, plausible_levels
from credentials.demo.content.loading import identifier, load

__all__ = ["draft_submission", "identifier", "load", "plausible_levels"]
