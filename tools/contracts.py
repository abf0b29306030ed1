"""Import contracts of our own, told by folder and file name: a new file needs no new line."""

import sys
from collections.abc import Iterable, Iterator

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules

ROOT = "clinic."
NO_ROOMS = ("access", "api", "core", "demo")


class _Contract(Contract):
    """Lists the imports that `broken` finds, in words."""

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        raise NotImplementedError

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        found = sorted(self.broken(graph))
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["found"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()


class PureContract(_Contract):
    """`modules` may import what comes with Python, and a pure vocabulary; no library."""

    type_name = "pure"
    modules = fields.SetField(subfield=fields.ModuleExpressionField())

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        modules = module_expressions_to_modules(graph, self.modules)
        pure = {module.name for module in modules}
        for module in modules:
            for imported in graph.find_modules_directly_imported_by(module.name):
                if _file(imported) == "vocabulary" and imported in pure:
                    continue
                if imported.partition(".")[0] not in sys.stdlib_module_names:
                    yield f"{module.name} -> {imported}"


class GroundContract(_Contract):
    """`ground` may import itself, and nothing else of the product."""

    type_name = "ground"
    ground = fields.ListField(subfield=fields.StringField())

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        for module in graph.modules:
            if not _is_in(module, self.ground):
                continue
            for imported in graph.find_modules_directly_imported_by(module):
                if imported.startswith(ROOT) and not _is_in(imported, self.ground):
                    yield f"{module} -> {imported}"


class InsideContract(_Contract):
    """`room: top > middle | beside > bottom`: what lies in a room imports only downwards there.

    Files and inner rooms beside one another do not know each other. None may go without a place,
    but for a new inner room with a door: it stands on top of all others.
    """

    type_name = "inside"
    orders = fields.ListField(subfield=fields.StringField())

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        for order in self.orders:
            room, _, levels = order.partition(":")
            places = {
                name.strip(): -level
                for level, names in enumerate(levels.split(">"))
                for name in names.split("|")
            }
            yield from self._broken_in(graph, f"{ROOT}{room}", places)

    def _broken_in(
        self, graph: grimp.ImportGraph, room: str, places: dict[str, int]
    ) -> Iterator[str]:
        doors = {_child(module, room) for module in graph.modules if _file(module) == "views"}
        places = dict.fromkeys(filter(None, doors), 1) | places
        for module in graph.modules:
            here = _child(module, room)
            if here is None:
                continue
            if here not in places:
                yield f"{module} has no place in the order of {room}"
                continue
            for imported in graph.find_modules_directly_imported_by(module):
                there = _child(imported, room)
                if there in (None, here) or there not in places:
                    continue
                if places[there] >= places[here]:
                    yield f"{module} -> {imported}"


class DrawersContract(_Contract):
    """Files of one room by name: none imports a file of a drawer further up in `drawers`."""

    type_name = "drawers"
    drawers = fields.ListField(
        subfield=fields.StringField()
    )  # the top one first; `a | b` share one

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        height = {
            name.strip(): -level
            for level, names in enumerate(self.drawers)
            for name in names.split("|")
        }
        for room, module in _in_rooms(graph):
            mine = height.get(_file(module))
            for imported in graph.find_modules_directly_imported_by(module):
                theirs = height.get(_file(imported))
                if mine is None or theirs is None or not imported.startswith(f"{room}."):
                    continue
                if theirs > mine:
                    yield f"{module} -> {imported}"


class DoorsContract(_Contract):
    """A door takes of its own room what it likes, of other rooms only what lies in `may_take`.

    A folder of `clinic.api` named like a room is a door to that room.
    """

    type_name = "doors"
    doors = fields.ListField(subfield=fields.StringField())  # names of files
    may_take = fields.ListField(subfield=fields.StringField())  # names of files or inner rooms

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        for room, module in _in_rooms(graph):
            if _file(module) in list(self.doors):
                yield from self._taken(graph, module, room)
        for module in graph.modules:
            if module.startswith(f"{ROOT}api."):
                yield from self._taken(graph, module, f"{ROOT}{module.split('.')[2]}")

    def _taken(self, graph: grimp.ImportGraph, module: str, own: str) -> Iterator[str]:
        for imported in graph.find_modules_directly_imported_by(module):
            room = _room_of(imported)
            if room in (None, own):
                continue
            if set(self.may_take).isdisjoint(imported.split(".")[2:]):
                yield f"{module} -> {imported}"


class BehindDoorsContract(_Contract):
    """Only `doors` import these `libraries`; `also` names single files that must."""

    type_name = "behind_doors"
    libraries = fields.ListField(subfield=fields.StringField())
    doors = fields.ListField(subfield=fields.StringField())
    also = fields.ListField(subfield=fields.StringField())

    def broken(self, graph: grimp.ImportGraph) -> Iterator[str]:
        for _, module in _in_rooms(graph):
            if _file(module) in list(self.doors) or module in list(self.also):
                continue
            for imported in graph.find_modules_directly_imported_by(module):
                if imported in list(self.libraries):
                    yield f"{module} -> {imported}"


def _in_rooms(graph: grimp.ImportGraph) -> Iterator[tuple[str, str]]:
    """Each module of a room, behind the room's own name."""
    for module in graph.modules:
        room = _room_of(module)
        if room:
            yield room, module


def _room_of(module: str) -> str | None:
    """`clinic.doctors` for all that lies in it; None for what is no room."""
    parts = module.split(".")
    is_room = module.startswith(ROOT) and len(parts) > 2 and parts[1] not in NO_ROOMS
    return ".".join(parts[:2]) if is_room else None


def _child(module: str, room: str) -> str | None:
    return (
        module[len(room) + 1 :].partition(".")[0]
        if _is_in(module, [room]) and module != room
        else None
    )


def _is_in(module: str, places: Iterable[str]) -> bool:
    return any(module == place or module.startswith(f"{place}.") for place in places)


def _file(module: str) -> str:
    return module.rpartition(".")[2]
