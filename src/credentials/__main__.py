"""``python -m credentials``: the same as the command ``credentials``."""

from credentials.cli import main

main()
