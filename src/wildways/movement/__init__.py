"""Floor 2: the science of movement. Pure: arrays and frames in, values out; no files, no store."""

from wildways.movement._periods import Shift
from wildways.movement.argos import (
    LOCATION_CLASSES,
    class_rank,
    nominal_radius_m,
    normal_classes,
    position_covariance,
)
from wildways.movement.bandwidth import LeastSquaresBandwidth, least_squares_bandwidth, reference_bandwidth
from wildways.movement.breakpoints import Segmentation, lavielle, pelt, segment_means
from wildways.movement.bridge import brownian_bridge
from wildways.movement.cascade import Confidence, Verdict
from wildways.movement.corridors import (
    ClassCollapsed,
    ClassFound,
    UseClasses,
    classify_use,
    corridor_polygons,
    find_stopovers,
)
from wildways.movement.data_arrays import raster_to_xarray
from wildways.movement.date_shifts import date_shift, date_trend
from wildways.movement.displacement import (
    BIO_YEAR_START,
    biological_years,
    daily_positions,
    net_displacement,
    quietest_start,
)
from wildways.movement.distribution import Remark, UtilisationDistribution
from wildways.movement.dynamic_bridge import dynamic_brownian_bridge
from wildways.movement.dynamic_variance import DynamicVariance, dynamic_motion_variance
from wildways.movement.flags import UNUSABLE, QualityFlag, flag_counts, flag_name, usable
from wildways.movement.frames import fixes_from_points
from wildways.movement.grid import Grid
from wildways.movement.isopleths import (
    Footprint,
    area_isopleth,
    footprint_of,
    isopleth_area,
    restrict_to,
    trim_to_volume,
    volume_isopleth,
)
from wildways.movement.kernel_density import kernel_density
from wildways.movement.legs import SeasonRules
from wildways.movement.line_buffer import line_buffer
from wildways.movement.nsd_models import NsdFit, NsdModel, choose_nsd_model, fit_nsd_models
from wildways.movement.occurrence import smoothed_occurrence
from wildways.movement.overlap import Overlap, overlap, transport_distance
from wildways.movement.plane_tracks import PlaneTrack, PlaneTracks, project_tracks
from wildways.movement.polygons import mask_to_polygons
from wildways.movement.population import (
    animal_footprint,
    coarsened,
    count_footprints,
    mean_distribution,
    union_of_footprints,
)
from wildways.movement.projection import choose_crs, geodesic_distances, project, step_lengths, unproject
from wildways.movement.quality import Assessment, assess, flag_fixes
from wildways.movement.quality_reasons import REASON_COLUMNS
from wildways.movement.quality_rules import (
    CleaningRules,
    RuleMeaning,
    RuleSource,
    TaxonGroup,
    rule_meanings,
    rules_for,
    speed_limit_for,
    taxon_groups,
    unknown_group,
)
from wildways.movement.quality_tracks import TRACK_COLUMNS, PreparedTracks, prepare_tracks
from wildways.movement.representativeness import (
    Representativeness,
    Seen,
    accumulate_area,
    assess_representativeness,
    leave_one_out,
)
from wildways.movement.routes import ROUTE_COLUMNS, route_lines, split_at_antimeridian
from wildways.movement.saturation import Saturation, fit_saturation
from wildways.movement.seasons import PROPOSAL_COLUMNS, propose_windows
from wildways.movement.sensors import Sensor, sensor_of_animals, sensors_of
from wildways.movement.sequences import STATUS_COLUMNS, Sequence, cut_sequences, max_lag_for
from wildways.movement.shifts import RangeShift, UseShift, range_shift, use_shift
from wildways.movement.smoothed_tracks import SMOOTHED_COLUMNS, smooth_track
from wildways.movement.smoother import CtcrwFit, SmoothedTrack, fit_ctcrw, smooth, standardized_innovations
from wildways.movement.speed_filters import FilterLabel, bird_filter, mcconnell_filter, sda_filter
from wildways.movement.stops import LEG_COLUMNS, STOP_COLUMNS, StopRules, find_stops, migration_legs, stop_rules_for
from wildways.movement.use_schemes import USGS_CORRIDOR_TEAM, UseClass, UseScheme, get_scheme, use_schemes
from wildways.movement.variance import estimate_motion_variance
from wildways.movement.windows import WINDOW_COLUMNS, migrations, resolve_windows

__all__ = [
    "BIO_YEAR_START",
    "LEG_COLUMNS",
    "LOCATION_CLASSES",
    "PROPOSAL_COLUMNS",
    "REASON_COLUMNS",
    "ROUTE_COLUMNS",
    "SMOOTHED_COLUMNS",
    "STATUS_COLUMNS",
    "STOP_COLUMNS",
    "TRACK_COLUMNS",
    "UNUSABLE",
    "USGS_CORRIDOR_TEAM",
    "WINDOW_COLUMNS",
    "Assessment",
    "ClassCollapsed",
    "ClassFound",
    "CleaningRules",
    "Confidence",
    "CtcrwFit",
    "DynamicVariance",
    "FilterLabel",
    "Footprint",
    "Grid",
    "LeastSquaresBandwidth",
    "NsdFit",
    "NsdModel",
    "Overlap",
    "PlaneTrack",
    "PlaneTracks",
    "PreparedTracks",
    "QualityFlag",
    "RangeShift",
    "Remark",
    "Representativeness",
    "RuleMeaning",
    "RuleSource",
    "Saturation",
    "SeasonRules",
    "Seen",
    "Segmentation",
    "Sensor",
    "Sequence",
    "Shift",
    "SmoothedTrack",
    "StopRules",
    "TaxonGroup",
    "UseClass",
    "UseClasses",
    "UseScheme",
    "UseShift",
    "UtilisationDistribution",
    "Verdict",
    "accumulate_area",
    "animal_footprint",
    "area_isopleth",
    "assess",
    "assess_representativeness",
    "biological_years",
    "bird_filter",
    "brownian_bridge",
    "choose_crs",
    "choose_nsd_model",
    "class_rank",
    "classify_use",
    "coarsened",
    "corridor_polygons",
    "count_footprints",
    "cut_sequences",
    "daily_positions",
    "date_shift",
    "date_trend",
    "dynamic_brownian_bridge",
    "dynamic_motion_variance",
    "estimate_motion_variance",
    "find_stopovers",
    "find_stops",
    "fit_ctcrw",
    "fit_nsd_models",
    "fit_saturation",
    "fixes_from_points",
    "flag_counts",
    "flag_fixes",
    "flag_name",
    "footprint_of",
    "geodesic_distances",
    "get_scheme",
    "isopleth_area",
    "kernel_density",
    "lavielle",
    "least_squares_bandwidth",
    "leave_one_out",
    "line_buffer",
    "mask_to_polygons",
    "max_lag_for",
    "mcconnell_filter",
    "mean_distribution",
    "migration_legs",
    "migrations",
    "net_displacement",
    "nominal_radius_m",
    "normal_classes",
    "overlap",
    "pelt",
    "position_covariance",
    "prepare_tracks",
    "project",
    "project_tracks",
    "propose_windows",
    "quietest_start",
    "range_shift",
    "raster_to_xarray",
    "reference_bandwidth",
    "resolve_windows",
    "restrict_to",
    "route_lines",
    "rule_meanings",
    "rules_for",
    "sda_filter",
    "segment_means",
    "sensor_of_animals",
    "sensors_of",
    "smooth",
    "smooth_track",
    "smoothed_occurrence",
    "speed_limit_for",
    "split_at_antimeridian",
    "standardized_innovations",
    "step_lengths",
    "stop_rules_for",
    "taxon_groups",
    "transport_distance",
    "trim_to_volume",
    "union_of_footprints",
    "unknown_group",
    "unproject",
    "usable",
    "use_schemes",
    "use_shift",
    "volume_isopleth",
]
