import os
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from platform_core.db.engine import Database
from platform_core.plugin_host.hooks import HookCaller, HookRegistry
from platform_core.registry import Registry, VersionInfo
from platform_core.sdk import (
    Conflict,
    IntegrityError,
    NotFound,
    PromotionRequest,
    StorageFull,
    UnsafeArtifact,
    UsageError,
    VersionPromoted,
    Veto,
    hookimpl,
)
from platform_core.storage import Storage

Register = Callable[..., VersionInfo]


@pytest.fixture
def hooks() -> HookRegistry:
    return HookRegistry()


@pytest.fixture
def registry(database: Database, storage: Storage, hooks: HookRegistry) -> Registry:
    return Registry(database, storage, HookCaller(hooks, lambda: None), "local")


def folder_with(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


@pytest.fixture
def register(registry: Registry, tmp_path: Path) -> Register:
    """Register a small version; keywords replace the defaults."""

    def call(name: str = "mood", **changes: Any) -> VersionInfo:
        defaults: dict[str, Any] = {
            "solution": "finance.sentiment",
            "folder": folder_with(tmp_path / "made", head__safetensors="w", card__json="{}", card__md="#"),
            "method": "lora",
            "encoder": "minilm",
            "encoder_fingerprint": "f" * 64,
            "metrics": {"macro_f1": 0.8},
            "lineage": {"recipe": {"epochs": 4}, "seed": 0},
        }
        return registry.register(name=name, **(defaults | changes))

    return call


class TestVersions:
    """Registering, finding, listing."""

    def test_versions_are_numbered_in_order(self, registry: Registry, register: Register) -> None:
        assert [register().ref, register().ref, register("other").ref] == ["mood:1", "mood:2", "other:1"]
        assert [version.number for version in registry.versions("mood")] == [1, 2]
        assert [(m.name, m.versions, m.newest) for m in registry.list()] == [("mood", 2, 2), ("other", 1, 1)]

    def test_a_version_tells_all_that_was_registered(self, registry: Registry, register: Register) -> None:
        made = register(run_id="run_1", dataset_version_id="dsv_1", parent_id="ver_0")
        found = registry.resolve("mood:1")
        assert found == made == registry.get(made.id)
        assert (found.run_id, found.dataset_version_id, found.parent_id) == ("run_1", "dsv_1", "ver_0")
        assert found.lineage == {"recipe": {"epochs": 4}, "seed": 0}
        assert found.to_dict()["ref"] == "mood:1"
        assert found.to_dict()["created_at"].endswith("+00:00")
        assert (registry.folder(found) / "head.safetensors").read_text() == "w"

    def test_a_run_has_at_most_one_version(self, registry: Registry, register: Register, storage: Storage) -> None:
        first = register(run_id="run_1")
        assert register(run_id="run_1", metrics={"macro_f1": 0.1}) == first
        assert len(registry.versions("mood")) == len(storage.keys()) == 1

    def test_a_bare_name_means_the_newest_and_for_endpoints_the_champion(
        self, registry: Registry, register: Register
    ) -> None:
        register(), register()
        assert registry.resolve_endpoint("mood").number == 2
        registry.promote("mood:1", "champion")
        assert registry.resolve("mood").number == 2
        assert registry.resolve_endpoint("mood").number == 1
        assert registry.resolve_endpoint("mood:2").number == 2
        assert registry.resolve("mood@champion").number == 1

    @pytest.mark.parametrize(
        ("reference", "advice"),
        [
            ("mod", "did you mean 'mood'?"),
            ("mood:7", "mood:1"),
            ("mood@champoin", "did you mean 'mood@champion'?"),
        ],
    )
    def test_what_does_not_exist_is_answered_with_the_nearest(
        self, registry: Registry, register: Register, reference: str, advice: str
    ) -> None:
        register()
        registry.promote("mood", "champion")
        with pytest.raises(NotFound) as caught:
            registry.resolve(reference)
        assert advice in str(caught.value)
        assert caught.value.exit_code == 2

    @pytest.mark.parametrize("reference", ["", "Mood", "mood:", "mood:0", "mood:x", "mood@", "a:1@b", "../x", "mood@A"])
    def test_malformed_references_are_bad_input(self, registry: Registry, reference: str) -> None:
        with pytest.raises(UsageError):
            registry.resolve(reference)

    def test_a_model_stays_with_its_solution(self, registry: Registry, register: Register, storage: Storage) -> None:
        register()
        with pytest.raises(Conflict, match=r"finance\.sentiment"):
            register(solution="agri.crops")
        with pytest.raises(UsageError, match="name"):
            register("No Name")
        assert len(storage.keys()) == 1

    def test_tenants_do_not_see_each_other(
        self, registry: Registry, register: Register, database: Database, storage: Storage, hooks: HookRegistry
    ) -> None:
        made = register(run_id="run_1")
        other = Registry(database, storage, HookCaller(hooks, lambda: None), "other")
        assert other.list() == []
        for look in (lambda: other.resolve("mood"), lambda: other.get(made.id), lambda: other.versions("mood")):
            with pytest.raises(NotFound):
                look()


class TestAliases:
    """Promotion and the way back."""

    def test_an_alias_moves_and_comes_back(self, registry: Registry, register: Register) -> None:
        for _ in range(3):
            register()
        assert registry.promote("mood:1", "champion").aliases == ("champion",)
        registry.promote("mood:2", "champion", reason="better")
        registry.promote("mood:3", "champion")
        assert registry.rollback("mood", "champion").number == 2
        assert registry.rollback("mood", "champion").aliases == ("champion",)
        with pytest.raises(Conflict, match="no version to go back to"):
            registry.rollback("mood", "champion")
        registry.promote("mood:3", "champion")
        assert registry.rollback("mood", "champion").number == 1
        assert registry.list()[0].aliases == {"champion": 1}

    def test_promoting_again_is_no_move(self, registry: Registry, register: Register) -> None:
        register(), register()
        registry.promote("mood:1", "champion")
        registry.promote("mood:2", "champion")
        registry.promote("mood:2", "champion")
        assert registry.rollback("mood", "champion").number == 1

    def test_a_way_back_passes_over_deleted_versions(self, registry: Registry, register: Register) -> None:
        for number in (1, 2, 3):
            register()
            registry.promote(f"mood:{number}", "champion")
        registry.delete("mood:2")
        assert registry.rollback("mood", "champion").number == 1

    def test_a_version_has_several_aliases(self, registry: Registry, register: Register) -> None:
        register()
        registry.promote("mood", "champion")
        assert registry.promote("mood", "backup").aliases == ("backup", "champion")

    @pytest.mark.parametrize("alias", ["@champion", "Champion", "", "1st", "a b"])
    def test_odd_aliases_are_refused(self, registry: Registry, register: Register, alias: str) -> None:
        register()
        with pytest.raises(UsageError, match="alias"):
            registry.promote("mood", alias)

    def test_a_plugin_may_object_and_others_are_told(
        self, registry: Registry, register: Register, hooks: HookRegistry
    ) -> None:
        told: list[VersionPromoted] = []
        plugin = ModuleType("strict_plugin")

        @hookimpl
        def review_promotion(request: PromotionRequest) -> Veto | None:
            return Veto(reason="macro-F1 below 0.6") if request.metrics["macro_f1"] < 0.6 else None

        @hookimpl
        def version_promoted(event: VersionPromoted) -> None:
            told.append(event)

        vars(plugin).update(review_promotion=review_promotion, version_promoted=version_promoted)
        hooks.register("strict", plugin)
        register(metrics={"macro_f1": 0.7})
        register(metrics={"macro_f1": 0.5})
        registry.promote("mood:1", "champion")
        with pytest.raises(Conflict, match=r"strict: macro-F1 below 0\.6"):
            registry.promote("mood:2", "champion")
        assert registry.resolve("mood@champion").number == 1
        assert [(event.version, event.alias, event.current) for event in told] == [(1, "champion", None)]


class TestDeleting:
    """What is in use stays."""

    def test_a_version_in_use_is_kept(self, registry: Registry, register: Register) -> None:
        register()
        registry.promote("mood", "champion")
        with pytest.raises(Conflict, match="@champion"):
            registry.delete("mood:1")
        registry.verify("mood:1")

    def test_row_and_files_go_and_the_number_is_not_used_again(
        self, registry: Registry, register: Register, storage: Storage
    ) -> None:
        register(), register()
        registry.delete("mood:2")
        assert len(storage.keys()) == 1
        assert register().number == 3

    def test_a_model_may_be_empty(self, registry: Registry, register: Register) -> None:
        register()
        registry.delete("mood:1")
        assert registry.list()[0].newest is None
        with pytest.raises(NotFound, match="no version"):
            registry.resolve("mood")

    def test_which_version_must_be_said(self, registry: Registry, register: Register) -> None:
        register()
        with pytest.raises(UsageError, match="which version"):
            registry.delete("mood")


class TestComparing:
    """Two versions side by side."""

    def test_metrics_and_what_differs(self, registry: Registry, register: Register) -> None:
        register(metrics={"macro_f1": 0.5, "ece": 0.1}, lineage={"seed": 0, "recipe": {"epochs": 4}})
        register(metrics={"macro_f1": 0.75}, lineage={"seed": 1, "recipe": {"epochs": 4}}, method="head")
        comparison = registry.compare("mood:1", "mood:2")
        assert comparison["metrics"]["macro_f1"] == {"first": 0.5, "second": 0.75, "difference": 0.25}
        assert comparison["metrics"]["ece"]["difference"] is None
        assert comparison["facts"] == {"method": {"first": "lora", "second": "head"}}
        assert comparison["lineage"] == {"seed": {"first": 0, "second": 1}}


class TestSafety:
    """Only published data, and only data, is handed out."""

    @pytest.mark.parametrize("name", ["model.pkl", "model.pt", "pytorch_model.bin", "code.py", "noending", ".hidden"])
    def test_files_that_could_run_code_are_not_registered(
        self, registry: Registry, register: Register, storage: Storage, tmp_path: Path, name: str
    ) -> None:
        folder = folder_with(tmp_path / "bad", head__safetensors="w")
        (folder / name).write_text("")
        with pytest.raises(UnsafeArtifact) as caught:
            register(folder=folder)
        assert name in str(caught.value)
        assert registry.list() == []
        assert storage.keys() == []

    @pytest.mark.parametrize("text", ['{"auto_map": {"AutoModel": "evil.Model"}}', '{"trust_remote_code": true}'])
    def test_configurations_that_ask_for_remote_code_are_refused(
        self, register: Register, tmp_path: Path, text: str
    ) -> None:
        with pytest.raises(UnsafeArtifact, match=r"config\.json asks for remote code"):
            register(folder=folder_with(tmp_path / "bad", config__json=text))

    def test_unsafe_files_are_not_handed_out_even_where_they_were_published(
        self, registry: Registry, register: Register, storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A release with another opinion may have written the workspace."""
        monkeypatch.setattr("platform_core.registry.service.refuse_unsafe", lambda folder: None)
        made = register(folder=folder_with(tmp_path / "bad", model__pkl="x"))
        monkeypatch.undo()
        with pytest.raises(UnsafeArtifact, match=r"model\.pkl"):
            registry.folder(made)

    def test_tampering_is_named(self, registry: Registry, register: Register) -> None:
        made = register()
        (registry.folder(made) / "head.safetensors").write_text("W")
        for use in (lambda: registry.folder(made), lambda: registry.verify("mood:1")):
            with pytest.raises(IntegrityError, match=r"head\.safetensors"):
                use()

    def test_missing_files_are_damage_not_a_wrong_reference(
        self, registry: Registry, register: Register, storage: Storage
    ) -> None:
        made = register()
        storage.delete(made.storage_key)
        with pytest.raises(IntegrityError, match="the files of mood:1 are missing"):
            registry.verify("mood")


class TestFailures:
    """What goes wrong in between leaves nothing that anybody sees."""

    def test_files_are_dropped_where_the_row_cannot_be_written(
        self, registry: Registry, register: Register, storage: Storage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_args: object, **_kwargs: object) -> None:
            raise StorageFull("the disk is full")

        monkeypatch.setattr("platform_core.registry.repository.RegistryRepository.add_version", full)
        with pytest.raises(StorageFull):
            register()
        monkeypatch.undo()
        assert storage.keys() == []
        assert registry.list() == []
        assert register().number == 1

    def test_a_sweep_removes_what_was_never_recorded(
        self, registry: Registry, register: Register, storage: Storage, tmp_path: Path
    ) -> None:
        register()
        orphan = storage.publish(folder_with(tmp_path / "made"), "tenants/local/models/ver_orphan")
        assert registry.sweep() == 0, "its process may be about to write the row"
        two_days_ago = time.time() - 2 * 24 * 3600
        for key in storage.keys():  # noqa: SIM118
            os.utime(storage.fetch(key) / "manifest.json", (two_days_ago, two_days_ago))
        assert registry.sweep() == 1
        assert not storage.exists(orphan.key)
        registry.verify("mood")


def test_a_name_of_another_solution_is_refused_before_anything_is_made(registry: Registry, register: Register) -> None:
    assert registry.check_name("mood", "finance.sentiment") == "mood"
    register()
    assert registry.check_name("mood", "finance.sentiment") == "mood"
    with pytest.raises(Conflict, match=r"belongs to the solution finance\.sentiment"):
        registry.check_name("mood", "acme.words")
    with pytest.raises(Conflict, match=r"belongs to the solution finance\.sentiment"):
        register(solution="acme.words")
    assert len(registry.versions("mood")) == 1
