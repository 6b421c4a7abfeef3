"""Values of a statement: they travel as parameters only."""


class Arguments:
    """The parameters of a statement, in order."""

    def __init__(self, given: tuple[object, ...] = ()) -> None:
        self.values: list[object] = list(given)

    def add(self, value: object, kind: str) -> str:
        """The place of a value, with its type: an untyped one may miss its index."""
        self.values.append(value)
        return f"${len(self.values)}::{kind}"
