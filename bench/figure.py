"""A figure: what was measured, beside the ceiling that the same machine allowed in the same run."""

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """`ceiling` is the same work without Yong's share of it (a bare COPY, a bare ASGI answer, …).

    `ratio` is value over ceiling for rates; for durations (unit ms or s) it is ceiling over value, so that
    1.0 always means "as fast as the parts allow". `must` and `aim` are the issue's targets.
    """

    name: str
    value: float
    unit: str
    ceiling: float
    must: float
    aim: float
    what: str  # what the ceiling is, in a few words

    @property
    def falling(self) -> bool:
        return self.unit in ("ms", "s")

    @property
    def ratio(self) -> float:
        if not self.value or not self.ceiling:
            return 0.0
        return self.ceiling / self.value if self.falling else self.value / self.ceiling

    @property
    def met(self) -> bool:
        return self.value <= self.must if self.falling else self.value >= self.must

    def line(self) -> str:
        """The JSON line that `make bench` prints."""
        return msgspec.json.encode(
            {
                "name": self.name,
                "value": round(self.value, 1),
                "unit": self.unit,
                "ceiling": round(self.ceiling, 1),
                "ratio": round(self.ratio, 3),
            }
        ).decode()


def table(figures: list[Figure]) -> str:
    """The Markdown table for the docs."""
    rows = [
        "| figure | value | must | aim | ceiling in the same run | ratio | met |",
        "| --- | ---: | ---: | ---: | --- | ---: | --- |",
    ]
    rows += [
        f"| {f.name} | {f.value:,.0f} {f.unit} | {f.must:,.0f} | {f.aim:,.0f} | "
        f"{f.ceiling:,.0f} ({f.what}) | {f.ratio:.2f} | {'yes' if f.met else '**no**'} |"
        for f in figures
    ]
    return "\n".join(rows) + "\n"
