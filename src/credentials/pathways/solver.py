"""Integer programmes, solved by HiGHS: one thread, a fixed seed, a budget of nodes."""

from collections.abc import Mapping, Sequence

import highspy
import msgspec
import numpy as np
from highspy._core import _Highs  # the class above it prints a banner to standard output before it can be silenced

TOLERANCE = 1e-9


class Answer(msgspec.Struct, frozen=True):
    """``values`` is absent when there is none or none was found; ``ended``: they are the best, or there is none, proved."""

    values: list[float] | None
    ended: bool
    nodes: int
    seconds: float


def maximise(
    lower: Sequence[float],
    upper: Sequence[float],
    whole: Sequence[bool],
    rows: Sequence[tuple[float, float, Mapping[int, float]]],
    wanted: Mapping[int, float],
    *,
    nodes: int,
    seconds: float,
) -> Answer:
    """Values within their bounds that obey the rows (least, most, factor of each variable) and make ``wanted`` largest."""
    solver = _Highs()
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("parallel", "off"),
        ("random_seed", 0),
        ("mip_max_nodes", nodes),
        ("time_limit", seconds),
        ("mip_feasibility_tolerance", TOLERANCE),
        ("primal_feasibility_tolerance", TOLERANCE),
        ("mip_rel_gap", 0.0),
        ("mip_abs_gap", TOLERANCE),
    ):
        solver.setOptionValue(option, value)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(upper), len(rows)
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_ = np.array([wanted.get(variable, 0.0) for variable in range(len(upper))])
    model.col_lower_, model.col_upper_ = np.array(lower, dtype=float), np.array(upper, dtype=float)
    model.row_lower_ = np.array([least for least, _, _ in rows], dtype=float)
    model.row_upper_ = np.array([most for _, most, _ in rows], dtype=float)
    starts, columns, factors = [0], [], []
    for _, _, terms in rows:
        columns += list(terms)
        factors += list(terms.values())
        starts.append(len(columns))
    model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    model.a_matrix_.start_ = np.array(starts, dtype=np.int32)
    model.a_matrix_.index_ = np.array(columns, dtype=np.int32)
    model.a_matrix_.value_ = np.array(factors, dtype=float)
    model.integrality_ = [highspy.HighsVarType.kInteger if one else highspy.HighsVarType.kContinuous for one in whole]
    solver.passModel(model)
    solver.run()
    status = solver.getModelStatus()
    used, took = max(int(solver.getInfo().mip_node_count), 1), solver.getRunTime()
    if status == highspy.HighsModelStatus.kOptimal:
        return Answer(list(solver.getSolution().col_value), True, used, took)
    none = status in {highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible}
    stopped_with = solver.getInfo().primal_solution_status == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    return Answer(list(solver.getSolution().col_value) if stopped_with and not none else None, none, used, took)
