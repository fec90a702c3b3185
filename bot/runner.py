"""Runs Rasa's prediction graph node by node.

Rasa hands each of its small graphs to dask, which plans and schedules it anew for every message and
every action: about a third of the time that a message spends in Rasa. The graph is the same each
time, so it is planned once here.
"""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphNodeHook, GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.engine.runner.interface import GraphRunner
from rasa.engine.storage.storage import ModelStorage

#: A node with the nodes and inputs whose output it takes.
Step = tuple[str, tuple[str, ...]]


class DirectRunner(GraphRunner):  # type: ignore[misc] # Rasa is not typed
    """Takes the place of the runner with which Rasa loaded an archive."""

    def __init__(self, runner: DaskGraphRunner) -> None:
        self._schema = runner._graph_schema
        self._nodes = runner._instantiated_nodes
        self._plans: dict[tuple[str, ...], list[Step]] = {}

    @classmethod
    def create(
        cls,
        graph_schema: GraphSchema,
        model_storage: ModelStorage,
        execution_context: ExecutionContext,
        hooks: list[GraphNodeHook] | None = None,
    ) -> DirectRunner:
        """Create the runner (see parent class)."""
        return cls(DaskGraphRunner(graph_schema, model_storage, execution_context, hooks))

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """Run what the targets need (see parent class)."""
        wanted = tuple(targets or self._schema.target_names)
        if wanted not in self._plans:
            self._plans[wanted] = self._plan(wanted)
        outputs = dict(inputs or {})
        for name, needs in self._plans[wanted]:
            _, outputs[name] = self._nodes[name](*((need, outputs[need]) for need in needs))
        return {target: outputs[target] for target in wanted}

    def _plan(self, wanted: tuple[str, ...]) -> list[Step]:
        """Return the nodes that the targets need, each after those that it needs itself."""
        nodes = self._schema.minimal_graph_schema(list(wanted)).nodes
        plan: dict[str, Step] = {}

        def add(name: str) -> None:
            if name in nodes and name not in plan:
                needs = tuple(nodes[name].needs.values())
                for need in needs:
                    add(need)
                plan[name] = (name, needs)

        for name in wanted:
            add(name)
        return list(plan.values())
