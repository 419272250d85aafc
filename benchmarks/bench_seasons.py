"""Migration dates against simulated truth; models of net squared displacement against the R package migrateR."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from timing import cpu_median_s, peer_cpu_s, print_result, reference_folder
from wildways.movement import choose_nsd_model, fit_nsd_models, flag_fixes, net_displacement, propose_windows, usable
from wildways.simulate import demo_herds, simulate_herd

N_ANIMALS = 40
SEED = 11
KEYS = ["animal_id", "bio_year", "season"]
MIGRANT = ["migrant", "mixed"]


def main() -> None:
    """Dates and classes of the demonstration herds by two engines; then elk."""
    found, by_models, seconds = zip(*(of_herd(number) for number in range(len(demo_herds()))), strict=True)
    windows = pd.concat(found, ignore_index=True)
    residents, moves = windows[windows["season"] == ""], windows[windows["season"] != ""]
    print_result(
        "seasons",
        input="simulated",
        sizes={"n_animals": N_ANIMALS * len(found), "n_dates": 2 * len(moves)},
        cpu_s=sum(seconds),
        dates_within_2_days=share_within(moves, 2),
        residents_not_called_migrants=float((~residents["movement_class_proposed"].isin(MIGRANT)).mean()),
        migrants_found=float(moves["movement_class_proposed"].isin(MIGRANT).mean()),
        confidence_of_migrants=moves["confidence"].value_counts(normalize=True).round(3).to_dict(),
        errors_within_2_standard_errors=share_within(moves, 2, scaled=True),
        models_alone=models_alone(pd.concat(by_models, ignore_index=True)),
    )
    folder = reference_folder()
    if folder is not None:
        against_migrater(folder)


def of_herd(number: int) -> tuple[pd.DataFrame, pd.DataFrame, float]:
    """True windows beside proposed ones; beside what the models alone say; CPU seconds of the proposal."""
    herd = replace(demo_herds()[number], n_animals=N_ANIMALS, resident_share=0.25, tracking_days=(365, 400))
    simulated = simulate_herd(replace(herd, death_share=0.0), rng=np.random.default_rng(SEED))
    fixes = simulated.fixes[usable(flag_fixes(simulated.fixes))].reset_index(drop=True)
    proposed = propose_windows(fixes)
    seconds = cpu_median_s(lambda: propose_windows(fixes), repeats=1, warm_ups=0)
    beside = simulated.windows.merge(proposed, on=KEYS, how="left", suffixes=("", "_proposed"))
    years = [models_of(days) for _, days in net_displacement(fixes).groupby(KEYS[:2]) if len(days) >= 240]
    return beside, simulated.windows.merge(pd.DataFrame(years), on=KEYS[:2], how="inner"), seconds


def models_of(days: pd.DataFrame) -> dict[str, Any]:
    """Class and dates by the models of net squared displacement alone."""
    first = days.iloc[0]
    day = (days["day"] - first["day"]).to_numpy(dtype=float)
    fit = choose_nsd_model(fit_nsd_models(day, (days["displacement_m"].to_numpy() / 1000) ** 2))
    dates = [first["date_utc"] + pd.to_timedelta(each, unit="D") for move in fit.dates() for each in move]
    return {"animal_id": first["animal_id"], "bio_year": first["bio_year"], "model": str(fit.model), "dates": dates}


def models_alone(windows: pd.DataFrame) -> dict[str, float]:
    """How well the models do without legs and breakpoints."""
    residents, moves = windows[windows["season"] == ""], windows[windows["season"] != ""]
    errors = []
    for move in moves.itertuples():
        number = 0 if move.season == "spring" else 1
        own = move.dates[2 * number : 2 * number + 2] or [pd.NaT, pd.NaT]
        errors += [abs(own[0] - move.start_utc), abs(own[1] - move.end_utc)]
    within = [error <= pd.Timedelta(days=2) for error in errors]
    return {
        "dates_within_2_days": float(np.mean(within)),
        "residents_not_called_migrants": float((~residents["model"].isin(MIGRANT)).mean()),
    }


def share_within(moves: pd.DataFrame, limit: float, *, scaled: bool = False) -> float:
    """Share of dates not more than `limit` days, or standard errors, from the truth."""
    shares = []
    for name in ("start", "end"):
        days = (moves[f"{name}_utc_proposed"] - moves[f"{name}_utc"]).dt.total_seconds() / 86_400
        shares.append((days.abs() / (moves[f"{name}_se_days"] if scaled else 1) <= limit).mean())
    return float(np.mean(shares))


def against_migrater(folder: Path) -> None:
    """Five models of 23 elk: CPU time, and how much better or worse they fit."""
    table = pd.read_csv(folder / "migrateR_elk_nsd.csv", parse_dates=["date"])
    reference = pd.read_csv(folder / "migrateR_elk_aic.csv").set_index("burst").rename(columns={"mixmig": "mixed"})
    bursts = {}
    for burst, own in table.groupby("burst", sort=False):
        nsd = ((own["x"] - own["x"].iloc[0]) ** 2 + (own["y"] - own["y"].iloc[0]) ** 2).to_numpy() / 1e6
        bursts[burst] = ((own["date"] - own["date"].iloc[0]).dt.total_seconds().to_numpy() / 86_400, nsd)
    fits = {burst: fit_nsd_models(*series) for burst, series in bursts.items()}
    differences = [fit.aic - reference.loc[burst, fit.model] for burst, own in fits.items() for fit in own]
    tops = {burst: str(choose_nsd_model(own).model) for burst, own in fits.items()}
    cpu_s = cpu_median_s(lambda: [fit_nsd_models(*series) for series in bursts.values()])
    peer = peer_cpu_s(folder, "migrateR_elk")
    print_result(
        "nsd_models",
        input="elk_yahatinda",
        sizes={"n_bursts": len(bursts), "n_fixes": len(table)},
        cpu_s=cpu_s,
        worst_aic_difference=float(np.nanmax(differences)),
        fits_better_by_1_aic=int((np.array(differences) < -1).sum()),
        same_top_model=sum(
            tops[burst] == str(reference.loc[burst, "top"]).replace("mixmig", "mixed") for burst in tops
        ),
        peer={"migrateR 1.0.9": peer},
        ratio=peer / cpu_s,
    )


if __name__ == "__main__":
    main()
