"""From what was counted in a round to what is said of a peer."""

from collections.abc import Mapping, Sequence
from statistics import median, quantiles

from load import Answer

Round = Mapping[str, float]
Rounds = Sequence[Round]


def of_round(answers: Sequence[Answer], seconds: float, cpu_seconds: float) -> dict[str, float]:
    """The figures of one round.

    Args:
        answers: those of the round.
        seconds: how long it took.
        cpu_seconds: what the server spent meanwhile.

    Raises:
        ValueError: there are too few answers.
    """
    if len(answers) < 2:
        raise ValueError(f"there were {len(answers)} answers in {seconds:.1f} s")
    cuts = quantiles((answer.seconds for answer in answers), n=100, method="inclusive")
    return {
        "cpu_ms": cpu_seconds * 1000 / len(answers),
        "per_second": len(answers) / seconds,
        **{f"p{share}_ms": cuts[share - 1] * 1000 for share in (50, 95, 99)},
        "refused": sum(answer.status != 200 for answer in answers) / len(answers),
    }


def typical(rounds: Rounds, figure: str) -> float:
    """The median over the rounds."""
    return median(one[figure] for one in rounds)


def ratio(figure: str, these: Rounds, those: Rounds) -> float:
    """How much more these have of a figure than those: the median of the rounds' ratios.

    Rounds of one number lie side by side in time, so that a slow minute of the machine slows both.
    """
    return median(a[figure] / b[figure] for a, b in zip(these, those, strict=True))
