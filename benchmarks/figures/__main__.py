"""Draw the validation figures of the method pages: `python benchmarks/figures [FOLDER] [NAME …]`.

Everything is simulated with a fixed seed, so that the same versions draw the same bytes.
"""

import sys
from pathlib import Path

from bridges import dynamic_variance, integration, motion_variance
from populations import corridor_recovery, migration_dates, representativeness
from positions import kernel_areas, smoother
from style import save

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "reference" / "methods" / "figures"
FIGURES = {
    "bridge-motion-variance": motion_variance,
    "bridge-cell-size": integration,
    "corridor-recovery": corridor_recovery,
    "dynamic-variance": dynamic_variance,
    "kernel-areas": kernel_areas,
    "migration-dates": migration_dates,
    "representativeness": representativeness,
    "smoother": smoother,
}


def main(arguments: list[str]) -> None:
    """Draw all figures, or those named, into the docs or into a folder given first."""
    names = [argument for argument in arguments if argument in FIGURES] or list(FIGURES)
    folder = next((Path(argument) for argument in arguments if argument not in FIGURES), FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        print(f"{name}: {save(FIGURES[name](), folder / f'{name}.svg') / 1000:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
