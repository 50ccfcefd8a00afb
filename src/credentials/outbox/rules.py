from datetime import timedelta


def wait_before_next(attempts: int) -> timedelta:
    """Doubling from a second, at most an hour: a passing fault is retried soon, a lasting one does not hammer."""
    return min(timedelta(seconds=2.0 ** min(attempts - 1, 12)), timedelta(hours=1))
