"""An import-linter contract of our own: pure modules know the standard library and nothing else."""

import sys

import grimp
from importlinter import Contract, ContractCheck, fields, output
from importlinter.domain.helpers import module_expressions_to_modules


class PureContract(Contract):
    """`modules` may import what comes with Python; not each other, not the product, no library."""

    type_name = "pure"
    modules = fields.SetField(subfield=fields.ModuleExpressionField())

    def check(self, graph: grimp.ImportGraph, verbose: bool) -> ContractCheck:
        output.verbose_print(verbose, "Looking for imports from outside the standard library...")
        found = [
            f"{module.name} -> {imported}"
            for module in module_expressions_to_modules(graph, self.modules)
            for imported in graph.find_modules_directly_imported_by(module.name)
            if imported.partition(".")[0] not in sys.stdlib_module_names
        ]
        return ContractCheck(kept=not found, metadata={"found": sorted(found)})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["found"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()
