"""What a project has recorded is found by the names and the beginnings of files."""

from upstreams.management.mocks.recordings import find_recordings


def test_schemas_and_cassettes_are_found_by_alias(project, cassette):
    (project / "services").mkdir()
    schema = project / "services" / "rates_openapi.json"
    schema.touch()
    found = find_recordings(project)
    assert list(found) == ["quotes", "rates"]
    assert (found["quotes"].schema, found["quotes"].cassettes) == (None, [cassette])
    assert found["rates"].files() == [schema, cassette]


def test_what_is_no_recording_is_left_alone(project, cassette):
    for folder in (".git", "node_modules", "env/lib"):
        (project / folder).mkdir(parents=True)
        (project / folder / "rates_openapi.json").touch()
    (project / "env" / "pyvenv.cfg").touch()
    (cassette.parent / "of_vcrpy.yaml").write_text("interactions:\n- request: {}\nversion: 1\n")
    (project / "tests" / "compose.yaml").write_text("services:\n  recorded: 1\n")
    cassette.unlink()
    assert find_recordings(project) == {}
