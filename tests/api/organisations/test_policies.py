"""The privacy notice and the terms, as a program reads and writes them."""

OWN = "# Ours\n\nWe keep little."


def test_a_program_reads_and_writes_them(api, cast):
    path = f"/organisations/{cast.harbour}/policies/privacy"
    program = api(cast.amir)
    assert program.get(path).json["is_standard"] is True
    assert program.put(path, {"text": OWN, "after": 1}).json["version"] == 2
    assert program.put(path, {"text": "Other", "after": 1}).status_code == 409
    assert program.get(f"{path}?version=1").json["is_standard"] is True
    assert program.get(f"{path}?version=3").status_code == 404
    assert [one["version"] for one in program.get(f"{path}/versions").json["items"]] == [2, 1]
