"""Keeps a process from writing anywhere but in its folders, and from the network, where Linux can (Landlock).

Landlock needs no privileges: files since Linux 5.13, TCP since 6.7. Elsewhere nothing is kept from the process: macOS
and Windows offer no such means to a program without privileges. Reading files and UDP stay possible everywhere.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_RULE_PATH = 1
_NO_NEW_PRIVILEGES = 38
_TCP = 0b11
_WRITES = (1 << 1) | sum(1 << bit for bit in range(4, 13))
"""Writing to files, removing and making files, folders, links, sockets, pipes and devices."""

_LINK_ELSEWHERE, _TRUNCATE = 1 << 13, 1 << 14
_TO_FILES = (1 << 1) | _TRUNCATE
_MACHINES = ("x86_64", "aarch64", "riscv64", "ppc64le", "s390x", "loongarch64")


def confine(folders: Iterable[Path]) -> bool:
    """Confine this thread, and all threads and processes that it starts, to write in these folders, for good.

    The null device stays open to writing. Call it before any other thread is started.

    Returns
    -------
    Whether the system did so.

    References
    ----------
    Landlock: unprivileged access control, https://docs.kernel.org/userspace-api/landlock.html
    """
    version = landlock_version()
    if version < 1:
        return False
    system = ctypes.CDLL(None, use_errno=True)
    files = _WRITES | (_LINK_ELSEWHERE if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    about = struct.pack("=QQ", files, _TCP) if version >= 4 else struct.pack("=Q", files)
    ruleset = system.syscall(_CREATE_RULESET, about, ctypes.c_size_t(len(about)), 0)
    if ruleset < 0:
        return False
    try:
        for folder in folders:
            _allow(system, ruleset, folder, files)
        _allow(system, ruleset, Path(os.devnull), files & _TO_FILES)
        if system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return bool(system.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def landlock_version() -> int:
    """Version of Landlock that the system offers; 0 where it offers none."""
    if sys.platform != "linux" or os.uname().machine not in _MACHINES:
        return 0
    version = ctypes.CDLL(None).syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)
    return max(int(version), 0)


def _allow(system: ctypes.CDLL, ruleset: int, path: Path, access: int) -> None:
    """Allow access to a file, or to what is in a folder."""
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        system.syscall(_ADD_RULE, ruleset, _RULE_PATH, struct.pack("=Qi", access, opened), 0)
    finally:
        os.close(opened)
