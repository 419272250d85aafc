"""Floor 2: the science of movement. Pure: arrays and frames in, values out; no files, no store."""

from wildways.movement.argos import (
    LOCATION_CLASSES,
    class_rank,
    nominal_radius_m,
    normal_classes,
    position_covariance,
)
from wildways.movement.bridge import brownian_bridge
from wildways.movement.corridors import (
    USGS_CORRIDOR_TEAM,
    ClassCollapsed,
    ClassFound,
    UseClass,
    UseClasses,
    UseScheme,
    classify_use,
    corridor_polygons,
    find_stopovers,
)
from wildways.movement.displacement import (
    BIO_YEAR_START,
    biological_years,
    daily_positions,
    net_displacement,
    quietest_start,
)
from wildways.movement.distribution import UtilisationDistribution
from wildways.movement.flags import CleaningRules, QualityFlag, flag_counts, flag_fixes, speed_limit_for, usable
from wildways.movement.grid import Grid
from wildways.movement.isopleths import Footprint, footprint_of, isopleth_area, trim_to_volume, volume_isopleth
from wildways.movement.legs import SeasonRules
from wildways.movement.polygons import mask_to_polygons
from wildways.movement.population import (
    animal_footprint,
    count_footprints,
    mean_distribution,
    union_of_footprints,
)
from wildways.movement.projection import choose_crs, geodesic_distances, project, step_lengths, unproject
from wildways.movement.routes import ROUTE_COLUMNS, route_lines, split_at_antimeridian
from wildways.movement.seasons import PROPOSAL_COLUMNS, propose_windows
from wildways.movement.sequences import STATUS_COLUMNS, Sequence, cut_sequences, max_lag_for
from wildways.movement.smoothed_tracks import SMOOTHED_COLUMNS, smooth_track
from wildways.movement.smoother import CtcrwFit, SmoothedTrack, fit_ctcrw, smooth, standardized_innovations
from wildways.movement.speed_filters import FilterLabel, bird_filter, mcconnell_filter, sda_filter
from wildways.movement.variance import estimate_motion_variance
from wildways.movement.windows import WINDOW_COLUMNS, migrations, resolve_windows

__all__ = [
    "BIO_YEAR_START",
    "LOCATION_CLASSES",
    "PROPOSAL_COLUMNS",
    "ROUTE_COLUMNS",
    "SMOOTHED_COLUMNS",
    "STATUS_COLUMNS",
    "USGS_CORRIDOR_TEAM",
    "WINDOW_COLUMNS",
    "ClassCollapsed",
    "ClassFound",
    "CleaningRules",
    "CtcrwFit",
    "FilterLabel",
    "Footprint",
    "Grid",
    "QualityFlag",
    "SeasonRules",
    "Sequence",
    "SmoothedTrack",
    "UseClass",
    "UseClasses",
    "UseScheme",
    "UtilisationDistribution",
    "animal_footprint",
    "biological_years",
    "bird_filter",
    "brownian_bridge",
    "choose_crs",
    "class_rank",
    "classify_use",
    "corridor_polygons",
    "count_footprints",
    "cut_sequences",
    "daily_positions",
    "estimate_motion_variance",
    "find_stopovers",
    "fit_ctcrw",
    "flag_counts",
    "flag_fixes",
    "footprint_of",
    "geodesic_distances",
    "isopleth_area",
    "mask_to_polygons",
    "max_lag_for",
    "mcconnell_filter",
    "mean_distribution",
    "migrations",
    "net_displacement",
    "nominal_radius_m",
    "normal_classes",
    "position_covariance",
    "project",
    "propose_windows",
    "quietest_start",
    "resolve_windows",
    "route_lines",
    "sda_filter",
    "smooth",
    "smooth_track",
    "speed_limit_for",
    "split_at_antimeridian",
    "standardized_innovations",
    "step_lengths",
    "trim_to_volume",
    "union_of_footprints",
    "unproject",
    "usable",
    "volume_isopleth",
]
