"""Doing what a person does on the sandbox's page, through its control API alone."""

import json
from typing import Any

from bot.demo.words import Button, Json, buttons, lines
from bot.demo.workspace import NotSeenError, Workspace


class Person:
    """Somebody in the workspace."""

    def __init__(self, workspace: Workspace, user: str) -> None:
        self.workspace = workspace
        self.id = user

    async def say(self, channel: str, text: str, *, thread: str | None = None) -> Json:
        """Type `text` and press Enter: a message, or a command when it begins with one."""
        typed = {"as": self.id, "channel": channel, "text": text}
        return await self.workspace.post("compose", **typed, **_given(thread_ts=thread))

    async def channels(self) -> list[Json]:
        return list((await self.workspace.get("state", **{"as": self.id}))["channels"])

    async def bot_channel(self) -> str | None:
        """The conversation with the bot; None before the first word in it."""
        return next(
            (c["id"] for c in await self.channels() if c.get("with") == self.workspace.bot), None
        )

    async def messages(self, channel: str | None, *, thread: str | None = None) -> list[Json]:
        """What stands in `channel`, oldest first; None is the conversation with the bot."""
        channel = channel or await self.bot_channel()
        if channel is None:
            return []
        query = {"as": self.id, "channel": channel, **_given(thread_ts=thread)}
        found = (await self.workspace.get("messages", **query))["messages"]
        return [{**message, "channel": channel} for message in found]

    async def sees(self, channel: str | None, *words: str, since: str = "") -> Json:
        """Wait for the newest message of the bot in `channel` that holds each of `words`.

        Args:
            channel: Its id; None is the conversation with the bot.
            words: Parts of what it says.
            since: A message's ts; older ones do not count, nor that one.

        Raises:
            NotSeenError: There was none.
        """

        async def look() -> Json | None:
            for message in reversed(await self.messages(channel)):
                text = self.read(message)
                if message["ts"] > since and all(word in text for word in words):
                    return message
            return None

        return await self.workspace.until(
            look, expected=f"a message with {_listed(words)}", seen=lambda: self._said(channel)
        )

    async def _said(self, channel: str | None) -> str:
        return "\n---\n".join(self.read(message) for message in await self.messages(channel))

    async def again(self, message: Json) -> Json:
        """The same message as it stands now."""
        for one in await self.messages(message["channel"]):
            if one["ts"] == message["ts"]:
                return one
        raise NotSeenError("the message to be still there", await self._said(message["channel"]))

    async def reads(self, message: Json, *words: str) -> Json:
        """Wait until that very message holds each of `words`.

        Raises:
            NotSeenError: It never did.
        """

        async def look() -> Json | None:
            now = await self.again(message)
            return now if all(word in self.read(now) for word in words) else None

        async def seen() -> str:
            return self.read(await self.again(message))

        return await self.workspace.until(
            look, expected=f"that message to say {_listed(words)}", seen=seen
        )

    def read(self, surface: Json) -> str:
        """What a message or a view says, as plain text."""
        return "\n".join(lines(surface, self.workspace.names))

    async def press(self, surface: Json, label: str, *, number: int = 1) -> Json:
        """Press the `number`-th thing labelled `label` on a message or a view.

        Raises:
            NotSeenError: There is no such thing on it.
        """
        target = _the(surface, label, number)
        where = _place(surface)
        pressed = {"as": self.id, "block_id": target.block_id, "action_id": target.action_id}
        return await self.workspace.post("action", **pressed, **where, **_given(value=target.value))

    async def views(self) -> list[Json]:
        return list((await self.workspace.get("state", **{"as": self.id}))["views"])

    async def form(self, *words: str) -> Json:
        """Wait for the top modal to have that title and hold each of `words`.

        Raises:
            NotSeenError: It never came.
        """

        async def look() -> Json | None:
            top = (await self.views())[-1:]
            return next(
                (view for view in top if all(w in self.title_and_text(view) for w in words)), None
            )

        async def seen() -> str:
            return "\n---\n".join(self.title_and_text(view) for view in await self.views())

        return await self.workspace.until(look, expected=f"a form with {_listed(words)}", seen=seen)

    def _says(self, view: Json, words: tuple[str, ...]) -> bool:
        text = self.title_and_text(view)
        return all(word in text for word in words)

    def title_and_text(self, view: Json) -> str:
        title = view.get("title", {}).get("text", "")
        return f"{title}\n{self.read(view)}"

    async def submit(self, view: Json, **values: Any) -> Json:
        """Fill inputs by their block id and submit; what is not given keeps its initial value."""
        filled = {
            block["block_id"]: {block["element"]["action_id"]: values.pop(block["block_id"])}
            for block in view["blocks"]
            if block["type"] == "input" and block["block_id"] in values
        }
        if values:
            raise NotSeenError(f"fields {', '.join(values)}", self.title_and_text(view))
        return await self.workspace.post(
            "view/submit", **{"as": self.id}, view_id=view["id"], values=filled
        )

    async def close(self, view: Json) -> None:
        await self.workspace.post("view/close", **{"as": self.id}, view_id=view["id"])

    async def closes_all(self) -> None:
        for view in reversed(await self.views()):
            await self.close(view)

    async def shortcut(self, callback_id: str, message: Json | None = None) -> Json:
        """Use a shortcut, on `message` or, without one, from anywhere."""
        where = {"channel": message["channel"], "ts": message["ts"]} if message else {}
        return await self.workspace.post(
            "shortcut", **{"as": self.id}, callback_id=callback_id, **where
        )

    async def home(self, app: str, *words: str) -> Json:
        """Open the app's Home tab and wait until it holds each of `words`."""
        await self.workspace.post("home/open", **{"as": self.id}, app_id=app, tab="home")
        return await self.sees_at_home(app, *words)

    async def sees_at_home(self, app: str, *words: str, without: str | None = None) -> Json:
        """Wait until the Home tab, as it was opened, holds each of `words` and not `without`."""

        async def read() -> Json | None:
            view: Json | None = (await self.workspace.get("home", **{"as": self.id}, app_id=app))[
                "view"
            ]
            return view

        async def look() -> Json | None:
            shown = await read()
            text = self.read(shown or {})
            is_it = all(word in text for word in words) and (not without or without not in text)
            return {**shown, "home": app} if shown is not None and is_it else None

        async def seen() -> str:
            return self.read(await read() or {})

        return await self.workspace.until(
            look, expected=f"a Home tab with {_listed(words)}", seen=seen
        )


def _the(surface: Json, label: str, number: int) -> Button:
    there = list(buttons(surface))
    found = [button for button in there if button.label == label]
    if len(found) < number:
        raise NotSeenError(f"a button {label}", ", ".join(button.label for button in there))
    return found[number - 1]


def _place(surface: Json) -> Json:
    if "home" in surface:
        return {"home": surface["home"]}
    if "ts" in surface:
        return {"channel": surface["channel"], "ts": surface["ts"]}
    return {"view_id": surface["id"]}


def _given(**values: Any) -> Json:
    return {name: value for name, value in values.items() if value is not None}


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(json.dumps(word, ensure_ascii=False) for word in words) or "anything"
