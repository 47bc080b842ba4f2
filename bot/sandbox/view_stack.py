"""Modals that are open, one stack per person, and what each person's App Home shows."""

from bot.sandbox.model import InstallKey, Json, View

STACK_DEPTH = 3


class Views:
    def __init__(self) -> None:
        self.open: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = {}
        self.homes: dict[tuple[InstallKey, str], View] = {}
        """{(installation, user): what was published}."""
        self.message_state: dict[tuple[str, str, str], dict[str, dict[str, Json]]] = {}
        """{(user, channel, ts): state.values of that message, as that person set them}."""

        self.loaded: dict[tuple[str, str, str], list[Json]] = {}
        """{(view id or message ts, block_id, action_id): options an external menu was given}."""

    def stack(self, user: str) -> list[View]:
        return [self.open[view_id] for view_id in self.stacks.get(user, [])]

    def start(self, view: View) -> None:
        """Show `view` alone: opening a modal takes the place of what was open."""
        self.clear(view.user)
        self.push(view)

    def push(self, view: View) -> None:
        self.open[view.id] = view
        self.stacks.setdefault(view.user, []).append(view.id)

    def is_full(self, user: str) -> bool:
        return len(self.stacks.get(user, [])) >= STACK_DEPTH

    def pop(self, view: View) -> None:
        self.open.pop(view.id, None)
        stack = self.stacks.get(view.user, [])
        if view.id in stack:
            stack.remove(view.id)

    def clear(self, user: str) -> list[View]:
        """Close the whole stack; return what was open, the top one last."""
        closed = self.stack(user)
        for view in closed:
            self.pop(view)
        return closed

    def forget(self, app: InstallKey) -> None:
        """Close what one installation shows anywhere."""
        for view in [one for one in self.open.values() if one.app == app]:
            self.pop(view)
        self.homes = {key: home for key, home in self.homes.items() if home.app != app}

    def with_external_id(self, external_id: str) -> View | None:
        every = [*self.open.values(), *self.homes.values()]
        return next((view for view in every if view.wire["external_id"] == external_id), None)

    def by_id(self, view_id: str) -> View | None:
        homes = (home for home in self.homes.values() if home.id == view_id)
        return self.open.get(view_id) or next(homes, None)
