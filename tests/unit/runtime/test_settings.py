"""Settings from the environment: what is wrong is named as the person wrote it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.api.settings import Settings as ApiSettings
from services.runtime.settings import SettingsError, load_settings, read_settings


def test_without_any_variable_the_defaults_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "REDIS_URL", "BATCH", "LOG_LEVEL"):
        monkeypatch.delenv(f"DATELINE_{name}", raising=False)
    settings = load_settings()
    assert (settings.data, settings.redis_url, settings.batch, settings.log_level) == (Path("data"), "", 64, "INFO")


def test_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_DATA", "/srv/dateline")
    monkeypatch.setenv("DATELINE_MAX_BACKLOG", "17")
    settings = load_settings()
    assert (settings.data, settings.max_backlog) == (Path("/srv/dateline"), 17)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATELINE_BATCH", "many"),
        ("DATELINE_BATCH", "0"),
        ("DATELINE_HEALTH_PORT", "70000"),
        ("DATELINE_LEASE_S", "-1"),
        ("DATELINE_LOG_LEVEL", "LOUD"),
        ("DATELINE_DEPTH", "deep"),
        ("DATELINE_MIN_CONFIDENCE", "1.5"),
    ],
)
def test_a_wrong_variable_is_named_with_its_value(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"{name}='{value}': Input should be .* Correct or unset"):
        load_settings()


def test_every_wrong_variable_is_named_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_BATCH", "many")
    monkeypatch.setenv("DATELINE_DEPTH", "deep")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert "DATELINE_BATCH='many'" in str(error.value)
    assert "DATELINE_DEPTH='deep'" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_variable_of_one_service_is_named_with_its_own_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_API_QUEUE", "long")
    with pytest.raises(SettingsError, match="DATELINE_API_QUEUE='long'"):
        read_settings(ApiSettings)


def test_a_list_that_is_no_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_API_CORS_ORIGINS", "https://example.org")
    with pytest.raises(SettingsError, match=r"DATELINE_API_.*cors_origins"):
        read_settings(ApiSettings)
