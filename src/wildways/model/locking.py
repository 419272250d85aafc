"""A lock on an open file that the operating system lets go of when its process ends, however it ends."""

import sys


def try_lock(handle: int) -> bool:
    """Lock the file behind a descriptor for this process alone; false where somebody else holds it."""
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
