"""A workflow that comes to a step of an app's: it runs until the app says how it ended."""

import secrets
from collections.abc import Mapping
from typing import Any

from bot.sandbox.acts.actor import actor, app_for, first_person
from bot.sandbox.core import Core
from bot.sandbox.errors import ControlError
from bot.sandbox.model import Execution, Json
from bot.sandbox.seed import App, Function, Parameter


async def run(
    core: Core, *, user: object, app_id: str, callback_id: str, inputs: Mapping[str, Any] | None
) -> Json:
    """Fires function_executed and waits until the app has heard it.

    A step that the app does not declare is run too, with whatever inputs it gets.
    """
    who = actor(core, user or first_person(core))
    app = app_for(core, who.id, app_id)
    step = next((one for one in app.functions if one.callback_id == callback_id), None)
    given = dict(inputs or {})
    missing = [one.name for one in step.inputs if _lacks(one, given)] if step else []
    if missing:
        raise ControlError("missing_inputs", f"This step needs {', '.join(missing)}.")
    execution = Execution(
        id=core.world.new_id("Fx"),
        app=app.key,
        callback_id=callback_id,
        token=f"xwfp-{app.team_id}-{secrets.token_hex(16)}",
        user=who.id,
    )
    core.world.executions[execution.id] = execution
    step = step or Function(callback_id=callback_id, title=callback_id)
    core.events.emit_to([app], _event(core, app, step, execution) | {"inputs": given})
    await core.settle()
    return {"function_execution_id": execution.id} | result(execution)


def _lacks(wanted: Parameter, given: Mapping[str, Any]) -> bool:
    return wanted.is_required and given.get(wanted.name) in (None, "")


def result(execution: Execution) -> Json:
    return {"state": execution.state, "outputs": execution.outputs, "error": execution.error}


def _event(core: Core, app: App, step: Function, execution: Execution) -> Json:
    return {
        "type": "function_executed",
        "function": {
            "id": f"Fn{app.app_id}{step.callback_id}",
            "callback_id": step.callback_id,
            "title": step.title or step.callback_id,
            "description": step.description,
            "type": "app",
            "input_parameters": [_parameter(one) for one in step.inputs],
            "output_parameters": [_parameter(one) for one in step.outputs],
            "app_id": app.app_id,
            "date_created": 0,
            "date_updated": 0,
            "date_deleted": 0,
        },
        "function_execution_id": execution.id,
        "workflow_execution_id": core.world.new_id("Wx"),
        "event_ts": core.world.new_ts(),
        "bot_access_token": execution.token,
    }


def _parameter(one: Parameter) -> Json:
    return {
        "type": one.type,
        "name": one.name,
        "description": one.description,
        "title": one.title or one.name,
        "is_required": one.is_required,
    }
