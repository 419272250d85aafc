"""Where units run: threads of this process by default, processes of this machine, a Dask cluster by address."""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager

from wildways.model import BadInput, NotFound

LOCAL = "local"

_KEPT_BYTES = 256 * 2**20
_OF_LOCAL_WORKERS = {
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.monitor-interval": "1s",
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": _KEPT_BYTES,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": _KEPT_BYTES,
}
"""Dask watches itself less, which by default takes a seventh of a core all the time; and its workers keep freed memory
for the next array, instead of fetching it from the system anew, which took a third of their time."""


@contextmanager
def open_executor(cluster: str | None = None, *, workers: int | None = None) -> Iterator[Executor]:
    """An executor for independent units of work.

    Parameters
    ----------
    cluster : address of a Dask scheduler, for example ``tcp://10.0.0.5:8786``; None means threads of this process
        (the kernels release the GIL), ``"local"`` Dask workers of this machine, a process each. Workers of a cluster
        must see the atlas folder under the same path.
    workers : number of threads or local processes; None means one a core. Without meaning for a cluster elsewhere.

    Raises
    ------
    NotFound : Dask is not installed, or nothing answers at the address
    """
    if cluster is None:
        with ThreadPoolExecutor(workers or os.cpu_count() or 1) as threads:
            yield threads
        return
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise NotFound(
            "dask-missing", "A cluster needs Dask.", hint="Install it: pip install 'wildways[cluster]'."
        ) from error
    if cluster == LOCAL:
        with dask.config.set(_OF_LOCAL_WORKERS):
            local = LocalCluster(
                n_workers=workers or os.cpu_count() or 1, threads_per_worker=1, processes=True, dashboard_address=None
            )
            with local, Client(local) as client, client.get_executor(pure=False) as executor:
                yield executor
        return
    try:
        client = Client(cluster, timeout="5s")
    except (OSError, TimeoutError) as error:
        raise NotFound("cluster-silent", f"No Dask scheduler answers at {cluster}.", hint="Is it running?") from error
    except ValueError as error:
        raise BadInput("cluster-address", f"{cluster} is not the address of a Dask scheduler: {error}.") from error
    with client, client.get_executor(pure=False) as executor:
        yield executor
