"""`run`, `web` and `worker`: the processes."""


def run() -> None:
    """Everything in one process: Slack's events, and what is due. Right for most teams."""
    from bot import main

    main.run_in_loop(main.run_all(main.read_settings()))


def web() -> None:
    """Take Slack's events only; a worker does what is due. Any number of them may run."""
    from bot import main

    main.run_in_loop(main.run_web(main.read_settings()))


def worker() -> None:
    """Do only what is due. Any number of them may run."""
    from bot import main

    main.run_in_loop(main.run_worker(main.read_settings()))
