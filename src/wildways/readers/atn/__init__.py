"""ATN trajectory netCDF: the track of one animal with a satellite tag."""

from wildways.readers.atn.reader import AtnTrajectory

__all__ = ["AtnTrajectory"]
