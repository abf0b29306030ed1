"""Whoever opens a file reads first what it holds; whoever sets something has it read."""

import ast

from clinic.config import ROOT, Settings
from clinic.config.unread import NOT_USED
from tests.architecture.tree import name_of, python_files, syntax_of


def test_every_module_says_what_it_holds() -> None:
    silent = [
        name_of(path)
        for path in python_files("clinic")
        if (tree := syntax_of(path)).body and not ast.get_docstring(tree)
    ]
    assert silent == []


def test_every_setting_is_read_or_named_at_the_start() -> None:
    read = {
        node.attr
        for path in [*python_files("clinic"), ROOT / "gunicorn.conf.py"]
        for node in ast.walk(syntax_of(path))
        if isinstance(node, ast.Attribute)
    }
    unread = {field.upper() for field in Settings.model_fields.keys() - read}
    assert unread == {"MAX_UPLOAD_SIZE_MB", "MONGODB_URL"}
    assert unread <= NOT_USED.keys()
