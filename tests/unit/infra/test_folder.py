import json
import stat

import pytest

from infra.local.folder import DataFolder
from infra.local.process import LocalError


def test_a_second_stack_on_the_same_folder_is_refused_with_the_process_of_the_first(tmp_path):
    first, second = DataFolder(tmp_path / "data"), DataFolder(tmp_path / "data")
    with first.locked():
        first.write_stack({"urls": {}})
        with pytest.raises(LocalError, match=r"already running on .* \(process \d+\)"), second.locked():
            pass
        assert (tmp_path / "data" / "stack.json").exists()
    with second.locked():
        pass


def test_secrets_stay_for_the_folder_are_private_and_change_with_fresh(tmp_path):
    folder = DataFolder(tmp_path / "data")
    with folder.locked() as first:
        pass
    with folder.locked() as again:
        assert again == first
    mode = stat.S_IMODE((tmp_path / "data" / "secrets.json").stat().st_mode)
    assert mode == 0o600
    (tmp_path / "data" / "postgres").mkdir()
    with folder.locked(fresh=True) as anew:
        assert anew.operator_token != first.operator_token
        assert not (tmp_path / "data" / "postgres").exists()


def test_a_folder_from_before_a_service_was_there_gets_a_password_for_it(tmp_path):
    folder = DataFolder(tmp_path / "data")
    with folder.locked() as first:
        path = tmp_path / "data" / "secrets.json"
        written = json.loads(path.read_text())
        del written["passwords"]["introductions"]
        path.write_text(json.dumps(written))
    with folder.locked() as second:
        assert second.passwords.pop("introductions") != first.passwords.pop("introductions")
        assert second == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_stack_file_is_private_and_removed_with_the_stack(tmp_path):
    folder = DataFolder(tmp_path / "data")
    with folder.locked():
        path = folder.write_stack({"operator_token": "x"})
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_other_files_is_left_alone(tmp_path, fresh):
    (tmp_path / "holiday.jpg").write_text("precious")
    with pytest.raises(LocalError, match="contains files of something else"), DataFolder(tmp_path).locked(fresh=fresh):
        pass
    assert [entry.name for entry in tmp_path.iterdir()] == ["holiday.jpg"]


def test_secrets_do_not_show_in_a_repr(tmp_path):
    with DataFolder(tmp_path / "data").locked() as secrets:
        assert secrets.operator_token not in repr(secrets)
        assert secrets.passwords["postgres"] not in repr(secrets)
