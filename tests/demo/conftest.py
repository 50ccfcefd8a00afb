"""The measures of other people that the demonstration's credentials are held to."""

from interop.conftest import node
from openbadges.conftest import safe_mode, strict_schema

__all__ = ["node", "safe_mode", "strict_schema"]
