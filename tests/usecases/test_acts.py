"""Each act asks the domain who may: every use case by which somebody writes, and what it asks."""

import ast
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

import bot
from bot.domain import permission

PACKAGE = Path(bot.__file__).parent
PERMISSION = f"{permission.__name__}."
SOMEBODY = frozenset({"by", "reader", "user", "lead", "asked_by"})  # how a use case calls who acts
CHANGES = frozenset({"sqlalchemy.insert", "sqlalchemy.update", "sqlalchemy.delete"}) | {
    "bot.store.log_assumption.log",  # in the driver's own words
    "bot.store.upsert.insert_of",
}

ACTS: Mapping[str, tuple[str, ...]] = {
    "actual.edit_with_figure": ("may_edit", "may_reassign"),
    "actual.record_actual": ("may_measure",),
    "actual.set_expected": ("may_edit",),
    "assumption.join_assumption": ("may_join",),
    "assumption.log_assumption": ("may_log",),
    "assumption.retire_assumption": ("may_retire",),
    "assumption_edit.edit_assumption": ("may_edit", "may_reassign"),
    "cadence.change_cadence": ("may_lead",),
    "contested.decide_contested": ("may_decide",),
    "cycle.shift_cycles": ("may_lead",),
    "dependency.depend_no_more": ("may_depend",),
    "dependency.depend_on": ("may_depend",),
    "draft.join_instead": ("may_join",),
    "draft.log_kept": ("may_log",),
    "draft.start_project": ("may_record",),
    "listening.turn_listening": ("may_lead",),
    "owner.reassign_owner": ("may_reassign",),
    "project.create_project": ("may_record",),
    "relay.ask_owner": ("is_asked",),
    "relay.reply_to_question": ("may_reply",),
    "release.ask_someone_else": ("is_asked",),
    "release.hand_back": ("is_asked",),
    "release.stop_asking": ("is_asked",),
    "reminder.remind_later": ("is_asked",),
    "reply.decline": ("is_asked",),
    "reply.pass_on": ("is_asked",),
    "risk.accept_risk": ("may_accept_risk",),
    "setback.close_setback": ("may_trace",),
    "setback.edit_setback": ("may_trace",),
    "setback.record_setback": ("may_record",),
    "setback.reopen_setback": ("may_trace",),
    "setback_merge.merge_setbacks": ("may_trace", "may_see_setback"),
    "several.change_several": ("may_retire", "may_reassign", "may_ask_again"),
    "split.split_assumption": ("may_edit",),
    "stakeholder.ask_instead": ("may_edit",),
    "step.record_for_step": ("may_record",),
    "trace.decide_trace": ("may_trace", "may_see"),
    "trace.log_missing": ("may_trace", "may_log"),
    "trace.name_trace": ("may_trace", "may_see"),
    "validation.answer_question": ("is_asked",),
    "validation.undo_answer": ("is_asked",),
    "webhook_admin.add_webhook": ("may_lead",),
    "webhook_admin.lend_webhook": ("may_lead",),
    "webhook_admin.remove_webhook": ("may_lead",),
    "webhook_admin.rotate_webhook": ("may_lead",),
}
# Acts that others are made of: what one of them asks does not count for the whole.
PARTS = frozenset({"assumption.log_assumption", "assumption.retire_assumption"})

NO_ACT = {
    "assumption.add_stakeholder": "a part of acts, which ask first",
    "assumption.refresh_messages": "a part of acts: says anew what is so",
    "breaker.spoke_up": "a part of answering",
    "breaker.stayed_silent": "the worker's: nobody acts",
    "breaker.tell_again": "the worker's: nobody acts",
    "channel.joined": "what Slack says of somebody",
    "channel.left": "what Slack says of somebody",
    "channel.meet": "what Slack says of somebody",
    "dependency.warn_dependants": "a part of answering: who hears it is chosen by what they see",
    "draft.keep_draft": "one's own words, for oneself",
    "draft.take_draft": "one's own words: those of others answer as gone",
    "follow.refresh_homes": "a part of acts: says anew what is so",
    "home.open_home": "one's own Home",
    "home.turn_home": "one's own Home",
    "listening.refuse_offers": "about oneself",
    "listening.take_turn": "about oneself",
    "reply.take_back": "one's own release, by the history",
    "several.ask_now": "a part of changing several, which asks first",
    "working_time.move_prompts": "a part of setting one's hours",
    "working_time.set_hours": "one's own hours",
}


@cache
def references() -> dict[str, frozenset[str]]:
    """Return what each function and constant of the use cases and the store names, by full names.

    A constant is a statement that is built once.
    """
    return {
        f"{module}.{name}": frozenset(_named(one, _scope(module, tree)))
        for module, tree in _modules("usecases", "store")
        for one in tree.body
        for name in _defined(one)
    }


@cache
def written_by_somebody() -> frozenset[str]:
    """Return the public use cases that take who acts, and change a row."""
    return frozenset(
        f"{module.rpartition('.')[2]}.{one.name}"
        for module, tree in _modules("usecases")
        for one in tree.body
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_")
        if {each.arg for each in (*one.args.args, *one.args.kwonlyargs)} & SOMEBODY
        if reached(f"{module}.{one.name}") & CHANGES
    )


def reached(function: str, *, stop: Collection[str] = ()) -> set[str]:
    """Return what the function comes to name, itself or by others; not by those of `stop`."""
    known, found, waiting = references(), set[str](), [function]
    while waiting:
        for name in known.get(waiting.pop(), ()):
            if name not in found and name not in stop:
                found.add(name)
                waiting.append(name)
    return found


def _modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for folder in folders:
        for path in sorted((PACKAGE / folder).glob("*.py")):
            yield f"bot.{folder}.{path.stem}", ast.parse(path.read_text("utf-8"))


def _scope(module: str, tree: ast.Module) -> dict[str, str]:
    scope: dict[str, str] = {}
    for one in tree.body:
        if isinstance(one, ast.ImportFrom) and one.module:
            scope |= {name.asname or name.name: f"{one.module}.{name.name}" for name in one.names}
        scope |= {name: f"{module}.{name}" for name in _defined(one)}
    return scope


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name):
            return [name]
        case ast.Assign(targets=[ast.Name(id=name)]):
            return [name]
        case _:
            return []


def _named(statement: ast.stmt, scope: dict[str, str]) -> Iterator[str]:
    parts = statement.body if isinstance(statement, ast.FunctionDef) else [statement]
    for one in (node for part in parts for node in ast.walk(part)):
        if isinstance(one, ast.Name) and one.id in scope:
            yield scope[one.id]
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            yield f"{scope.get(one.value.id)}.{one.attr}"


def test_every_use_case_by_which_somebody_writes_is_an_act_or_says_why_not() -> None:
    assert written_by_somebody() == ACTS.keys() | NO_ACT.keys()


@pytest.mark.parametrize(("act", "asks"), ACTS.items())
def test_an_act_asks_its_function_in_the_domain(act: str, asks: tuple[str, ...]) -> None:
    own = {f"bot.usecases.{part}" for part in PARTS if not {*ACTS[part]} & {*asks}}

    asked = reached(f"bot.usecases.{act}", stop=own)

    assert {f"{PERMISSION}{name}" for name in asks} <= asked
    assert all(hasattr(permission, name) for name in asks)


def test_who_was_asked_once_is_known_to_answering_alone() -> None:
    known = {
        act
        for act in ACTS.keys() | NO_ACT.keys()
        if "bot.usecases.assumption.assumption_for" in reached(f"bot.usecases.{act}")
    }

    answering = {act for act, asks in ACTS.items() if asks in {("is_asked",), ("may_reply",)}}
    assert known == answering | {"reply.take_back"}
