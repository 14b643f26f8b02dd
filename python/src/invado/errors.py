"""What can go wrong."""

from pathlib import Path


class InvadoError(Exception):
    """The program or a folder of results is not as it must be; the message says what to do.

    `code` is the exit code of the program, if it ran: 2 where the command or the scenario is wrong, 1 where the run
    failed or was interrupted. `path` is then the folder with what it finished.
    """

    def __init__(self, message: str, code: int | None = None, path: Path | None = None):
        super().__init__(message)
        self.code = code
        self.path = path
