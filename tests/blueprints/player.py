"""Plays an automation made from a blueprint: states, a clock, triggers, and the calls that come of them.

As much of Home Assistant's automations as the blueprints of this project use. What it does not know it refuses.
"""
import ast
import datetime
import types

import jinja2
import yaml


class Input:
    """A place where the blueprint has !input."""

    def __init__(self, name):
        self.name = name


class _Loader(yaml.SafeLoader):
    pass


_Loader.add_constructor("!input", lambda loader, node: Input(loader.construct_scalar(node)))


def load(path):
    return yaml.load(path.read_text(), _Loader)


class Call:
    """A call of an action, such as switch.turn_on; value is what matters of its data."""

    def __init__(self, name, value):
        self.name = name
        self.value = value


def _number(kind):
    """The filters int and float: a default for what is none."""

    def convert(value, default=None):
        try:
            return kind(float(value))
        except (TypeError, ValueError):
            if default is None:
                raise
            return default

    return convert


class Player:
    """One automation. Times are local; there is no summer time in it."""

    def __init__(self, blueprint, inputs, now):
        defaults = {key: one["default"] for key, one in blueprint["blueprint"]["input"].items() if "default" in one}
        self._inputs = {**defaults, **inputs}
        self._automation = self._fill({key: value for key, value in blueprint.items() if key != "blueprint"})
        self.now = now
        self.states = {}
        self.attributes = {}
        # What happens during the next waits for a trigger: new states, or None for nothing until the timeout.
        self.waits = []
        # Calls that have no effect.
        self.ignored = set()
        self.this = {"attributes": {"last_triggered": None, "current": 0}}
        self._changed = {}
        self._calls = []
        self._queue = []
        self._running = False
        self._jinja = jinja2.Environment(undefined=jinja2.StrictUndefined)
        self._jinja.filters.update({"int": _number(int), "float": _number(float)})
        self._jinja.globals.update(
            {
                "states": lambda entity: self.states.get(entity, "unknown"),
                "is_state": lambda entity, state: self.states.get(entity) == state,
                "state_attr": lambda entity, name: self.attributes.get(entity, {}).get(name),
                "now": lambda: self.now,
                "timedelta": datetime.timedelta,
                "today_at": lambda time: datetime.datetime.combine(self.now.date(), datetime.time.fromisoformat(time)),
            }
        )

    def _fill(self, value):
        if isinstance(value, Input):
            return self._inputs[value.name]
        if isinstance(value, dict):
            return {key: self._fill(one) for key, one in value.items()}
        return [self._fill(one) for one in value] if isinstance(value, list) else value

    # What happens to it.

    def set(self, entity, state):
        """Another state; triggers that wait for it fire."""
        before, since = self.states.get(entity), self._changed.get(entity, datetime.datetime.min)
        if state == before:
            return
        self.states[entity] = state
        self._changed[entity] = self.now
        for trigger in self._automation["triggers"]:
            if (
                trigger["trigger"] == "state"
                and trigger["entity_id"] == entity
                and "for" not in trigger
                and before in _listed(trigger.get("from", before))
                and state in _listed(trigger.get("to", state))
            ):
                self._fired(trigger["id"], entity, since)

    def go_to(self, time):
        """The clock runs on; triggers at a time fire."""
        while self.now < time:
            self.now += datetime.timedelta(minutes=1)
            for trigger in self._automation["triggers"]:
                if trigger["trigger"] == "time" and trigger["at"] == self.now.strftime("%H:%M:%S"):
                    self._fired(trigger["id"], None, None)

    def down(self, until):
        """Home Assistant does not run until then."""
        self.now = until

    def fire(self, trigger_id, entity):
        """A trigger fires, however that came."""
        self._fired(trigger_id, entity, self.now)

    def take_calls(self):
        calls, self._calls = self._calls, []
        return calls

    def trigger(self, trigger_id):
        return next(one for one in self._automation["triggers"] if one["id"] == trigger_id)

    def text(self, template):
        """A trigger's template."""
        return self._jinja.from_string(template).render(self._automation.get("trigger_variables", {}))

    # How it runs.

    def _fired(self, trigger_id, entity, since):
        to_state = types.SimpleNamespace(state=self.states.get(entity), attributes=self.attributes.get(entity, {}))
        trigger = types.SimpleNamespace(
            id=trigger_id, to_state=to_state, from_state=types.SimpleNamespace(last_changed=since)
        )
        self._queue.append(trigger)
        if self._running:
            return
        self._running = True
        while self._queue:
            self._run(self._queue.pop(0))
        self._running = False

    def _run(self, trigger):
        this = types.SimpleNamespace(
            attributes=types.SimpleNamespace(**self.this["attributes"], get=self.this["attributes"].get)
        )
        variables = {"trigger": trigger, "this": this}
        self._set_variables(self._automation.get("variables", {}), variables)
        if not self._all(self._automation.get("conditions", []), variables):
            return
        self.this["attributes"]["last_triggered"] = self.now
        self._sequence(self._automation["actions"], variables)

    def _render(self, value, variables):
        if isinstance(value, dict):
            return {key: self._render(one, variables) for key, one in value.items()}
        if not isinstance(value, str) or ("{{" not in value and "{%" not in value):
            return value
        text = " ".join(self._jinja.from_string(value).render(variables).split())
        # Home Assistant makes numbers and booleans of what looks like them.
        try:
            return ast.literal_eval(text)
        except (SyntaxError, ValueError):
            return text

    def _set_variables(self, new, variables):
        for name, value in new.items():
            variables[name] = self._render(value, variables)

    def _all(self, conditions, variables):
        return all(self._holds(one, variables) for one in conditions)

    def _holds(self, one, variables):
        kind = one["condition"]
        if kind == "template":
            return self._render(one["value_template"], variables) is True
        if kind == "state":
            return self.states.get(one["entity_id"]) in _listed(one["state"])
        if kind == "trigger":
            return variables["trigger"].id in _listed(one["id"])
        told = [self._holds(inner, variables) for inner in one["conditions"]]
        return {"or": any(told), "and": all(told), "not": not any(told)}[kind]

    def _sequence(self, actions, variables):
        # What is set within is not seen without.
        inner = dict(variables)
        for one in actions:
            self._step(one, inner)

    def _step(self, one, variables):
        if "action" in one:
            self._call(one, variables)
        elif "variables" in one:
            self._set_variables(one["variables"], variables)
        elif "choose" in one:
            for branch in one["choose"]:
                if self._all(branch["conditions"], variables):
                    self._sequence(branch["sequence"], variables)
                    return
            self._sequence(one.get("default", []), variables)
        elif "if" in one:
            branch = one["then"] if self._all(one["if"], variables) else one.get("else", [])
            self._sequence(branch, variables)
        elif "repeat" in one:
            self._repeat(one["repeat"], variables)
        elif "wait_template" in one:
            variables["wait"] = types.SimpleNamespace(completed=self._render(one["wait_template"], variables) is True)
        elif "wait_for_trigger" in one:
            self._wait(one["wait_for_trigger"], variables)
        elif "sequence" in one:
            self._sequence(one["sequence"], variables)
        else:
            raise ValueError(f"an action that is not known here: {one}")

    def _repeat(self, repeat, variables):
        for index in range(1, 50):
            inner = {**variables, "repeat": types.SimpleNamespace(index=index)}
            for one in repeat["sequence"]:
                self._step(one, inner)
            if self._all(repeat["until"], inner):
                return
        raise ValueError("a repetition without end")

    def _wait(self, triggers, variables):
        happens = self.waits.pop(0)
        if happens is not None:
            if self._holds({"condition": "template", "value_template": triggers[0]["value_template"]}, variables):
                raise ValueError("it waits for what is so already, and would wait for ever")
            self.states.update(happens)
            if not self._holds({"condition": "template", "value_template": triggers[0]["value_template"]}, variables):
                raise ValueError("what happened is not what it waits for")
        variables["wait"] = types.SimpleNamespace(trigger=None if happens is None else triggers[0])

    def _call(self, one, variables):
        data = self._render(one.get("data", {}), variables)
        value = data.get("value")
        if one["action"] == "persistent_notification.create":
            value = {key: data[key] for key in ("title", "message") if key in data}
        self._calls.append(Call(one["action"], value))
        if one["action"] in self.ignored or "target" not in one:
            return
        state = {"turn_on": "on", "turn_off": "off", "set_value": str(value)}[one["action"].split(".")[1]]
        self.set(one["target"]["entity_id"], state)


def _listed(value):
    return value if isinstance(value, list) else [value]
