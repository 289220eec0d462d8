"""Writing files so that nobody ever sees half of one."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A new file beside ``path`` that takes its place when the block ends well.

    On an error the old file stays as it was and the new one is gone. Where ``path`` is a link, what
    it leads to is replaced. Raises OSError, which names ``path``, where that cannot be done.
    """
    place = path.resolve()
    with _about(path):
        handle, name = tempfile.mkstemp(
            dir=place.parent, prefix=f".{place.stem}-", suffix=place.suffix
        )
    os.close(handle)
    beside = Path(name)
    try:
        yield beside
        with beside.open("rb+") as file:
            os.fsync(file.fileno())
        beside.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        with _about(path):
            beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@contextmanager
def _about(path: Path) -> Iterator[None]:
    """Errors name the file that was asked for, not the one beside it."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
