"""The short-interval filter: a tag heard once by a receiver, and not again for long, may not have been there."""

import numpy as np
from numpy.typing import NDArray

DELAYS = 30
"""How many nominal delays of its tag a detection may stand alone for."""

THRESHOLD_S = 3600.0
"""Seconds it may stand alone for where the delay is not known: that of a tag with a nominal delay of two minutes."""

Codes = NDArray[np.integer]


def suspect_false(
    tags: Codes, receivers: Codes, times_us: NDArray[np.int64], thresholds_s: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Find the detections that no other detection of the tag at the receiver lies near in time.

    A collision of two tags' signals makes up the code of a third, rarely twice within an hour. Rows that repeat the
    same instant are one detection: they do not bear each other out. A detection is suspected where the nearest other
    instant is more than its tag's threshold away, or where there is none.

    Parameters
    ----------
    tags, receivers : code of the tag and of the receiver of each detection, (n,)
    times_us : microseconds since any instant, (n,), in any order
    thresholds_s : seconds by code of the tag: `DELAYS` times its nominal delay, or `THRESHOLD_S`

    Returns
    -------
    Whether each detection is suspected, (n,). Nothing is left out: it is the analyses that decide.

    References
    ----------
    Pincock (2012), False detections: what they are and how to remove them from detection data, Vemco DOC-004691.
    Simpfendorfer et al. (2015), Animal Biotelemetry 3:55, doi:10.1186/s40317-015-0094-z.
    """
    if not len(tags):
        return np.zeros(0, dtype=np.bool_)
    order = np.lexsort((times_us, receivers, tags))
    tag, receiver, time = tags[order], receivers[order], times_us[order]
    is_same_pair = (tag[1:] == tag[:-1]) & (receiver[1:] == receiver[:-1])
    is_new = np.concatenate([[True], ~(is_same_pair & (time[1:] == time[:-1]))])
    instants = np.flatnonzero(is_new)
    is_followed = (tag[instants][1:] == tag[instants][:-1]) & (receiver[instants][1:] == receiver[instants][:-1])
    gaps = np.where(is_followed, np.diff(time[instants]) / 1e6, np.inf)
    nearest = np.minimum(np.concatenate([[np.inf], gaps]), np.concatenate([gaps, [np.inf]]))
    is_alone = nearest > thresholds_s[tag[instants]]
    suspected = np.empty(len(tags), dtype=np.bool_)
    suspected[order] = is_alone[np.cumsum(is_new) - 1]
    return suspected
