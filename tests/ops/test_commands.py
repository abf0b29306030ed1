"""`flask db ...`: Flask-Migrate's commands, which nothing else loads."""

from flask import Flask


def test_a_database_is_migrated_by_the_commands_of_flask_migrate(app: Flask) -> None:
    runner = app.test_cli_runner()
    for words in (["db", "upgrade"], ["db", "current"]):
        ended = runner.invoke(args=words)
        assert ended.exit_code == 0, ended.output


def test_the_list_of_commands_names_them(app: Flask) -> None:
    assert "Perform database migrations" in app.test_cli_runner().invoke(args=["--help"]).output
