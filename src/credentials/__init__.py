"""Educator micro-credentials: from classroom evidence to a signed badge that anyone can check."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("educator-credentials")
except PackageNotFoundError:  # running from a bare checkout that was never installed
    __version__ = "0+unknown"
