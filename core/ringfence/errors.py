"""What can go wrong, in words a trader can act on: which field, which value, what is allowed."""


class RingfenceError(ValueError):
    """Base of every error that Ringfence raises on purpose."""


class InputError(RingfenceError):
    """One field of one position cannot be used.

    ``str(error)`` is one line: ``field: value problem; remedy``.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class MissingInputError(InputError):
    """A field that is needed is blank."""


class RuleMissingError(InputError):
    """The venue's rule or its tiers for this position are not on file; the field to give is."""
