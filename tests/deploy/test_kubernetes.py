"""The manifests of k8s/, as `kubectl apply -k` would send them: built, held against its schemas and our rules.

No cluster is needed, and none of this shows that one would run them.

The checks yield sentences about what is wrong; the last tests break sound manifests and look for the sentence.
"""

from __future__ import annotations

import copy
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy.sample.articles import load_outlets
from deploy.sample.feeds import opml
from services.api.settings import Settings as ApiSettings
from services.cli.subscriptions import FEED_FILES, read_list
from services.contracts.topics import ARTICLES_RAW, ARTICLES_UNIQUE, EVENTS, MENTIONS
from services.fetcher.settings import FetcherSettings
from services.runtime.kafka_broker import server_properties
from services.runtime.outbound_rules import OutboundGuard
from services.runtime.settings import RuntimeSettings, read_settings

REPO = Path(__file__).resolve().parents[2]
K8S = REPO / "k8s"
OVERLAYS = ("local", "production")
SERVICES = ("fetcher", "dedup", "extractor", "linker", "cache", "api")
KUBERNETES = ("1.30", "1.37")
"""The oldest version that knows every field we use (the sleep before a stop), and a new one."""
CUSTOM = ("monitoring.coreos.com",)
"""Groups of custom resources, whose schemas are not Kubernetes' own."""
SETTINGS = (RuntimeSettings, FetcherSettings, ApiSettings)
OTHER_VARIABLES = {FEED_FILES, "OMP_NUM_THREADS"}

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C, where it was built, is ten times as fast."""

Manifest = dict[str, Any]
Manifests = list[Manifest]

# ---------------------------------------------------------------------------------------------- building


def builder() -> list[str]:
    """The command that builds a kustomization. Skips where there is none; under CI=true that is a failure."""
    for name, arguments in (("kubectl", ["kustomize"]), ("kustomize", ["build"])):
        found = shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        if found:
            return [found, *arguments]
    _missing("kubectl or kustomize is not installed: k8s/fetch-kubectl .venv/bin gets one")
    raise AssertionError


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@cache
def _built(folder: Path) -> Manifests:
    done = subprocess.run([*builder(), str(folder)], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{folder} cannot be built: {done.stderr}"
    return [manifest for manifest in yaml.load_all(done.stdout, LOADER) if manifest]


def built(folder: Path) -> Manifests:
    """The objects of a kustomization: a copy, because the tests of the checks break it."""
    return copy.deepcopy(_built(folder))


@pytest.fixture(params=OVERLAYS)
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """The objects of each overlay."""
    return built(K8S / "overlays" / request.param)


@pytest.fixture
def local() -> Manifests:
    return built(K8S / "overlays" / "local")


@pytest.fixture
def production() -> Manifests:
    return built(K8S / "overlays" / "production")


# ------------------------------------------------------------------------------------------------ reading


def of_kind(manifests: Manifests, *kinds: str) -> dict[str, Manifest]:
    return {manifest["metadata"]["name"]: manifest for manifest in manifests if manifest["kind"] in kinds}


def workloads(manifests: Manifests) -> dict[str, Manifest]:
    return of_kind(manifests, "Deployment", "StatefulSet")


def with_pods(manifests: Manifests) -> dict[str, Manifest]:
    return of_kind(manifests, "Deployment", "StatefulSet", "Job", "DaemonSet", "CronJob")


def pod(manifest: Manifest) -> Manifest:
    return manifest["spec"]["template"]["spec"]


def pod_labels(manifest: Manifest) -> dict[str, str]:
    return manifest["spec"]["template"]["metadata"]["labels"]


def containers(manifest: Manifest) -> list[Manifest]:
    return [*pod(manifest)["containers"], *pod(manifest).get("initContainers", [])]


def settings_of(manifests: Manifests) -> dict[str, str]:
    """The settings that all services are given."""
    maps = of_kind(manifests, "ConfigMap")
    [name] = [name for name in maps if name.startswith("dateline-settings-")]
    return maps[name]["data"]


def variables(manifests: Manifests) -> dict[str, str]:
    """Every variable that a container of Dateline's own is given, wherever it is written; '' where it is looked up."""
    found = dict(settings_of(manifests))
    for manifest in with_pods(manifests).values():
        for container in containers(manifest):
            if container["name"] == "dateline":
                found |= {entry["name"]: entry.get("value", "") for entry in container.get("env", [])}
    return found


def selects(selector: Manifest, labels: dict[str, str]) -> bool:
    """Whether a label selector takes these labels; of the expressions, those with In are known."""
    for expression in selector.get("matchExpressions", []):
        assert expression["operator"] == "In"
        if labels.get(expression["key"]) not in expression["values"]:
            return False
    return selector.get("matchLabels", {}).items() <= labels.items()


# ----------------------------------------------------------------------------------------------- checking

PINNED = re.compile(r"([\w.-]+:\d+/)?[a-z0-9][a-z0-9./_-]*(:(?!latest$)[A-Za-z0-9_][\w.-]*|@sha256:[0-9a-f]{64})")
"""An image, its registry perhaps with a port, with a tag that is not "latest" or with a digest."""


def pod_problems(manifest: Manifest) -> Iterator[str]:
    """What a pod may that it need not, and what it lacks."""
    spec = pod(manifest)
    if spec.get("automountServiceAccountToken") is not False:
        yield "holds a token of the cluster's API"
    if spec.get("enableServiceLinks") is not False:
        yield "is given variables for every Service, which may clash with settings"
    if not spec.get("serviceAccountName"):
        yield "runs under the namespace's default account"
    security = spec.get("securityContext", {})
    if security.get("runAsNonRoot") is not True or not security.get("runAsUser"):
        yield "may run as root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "may make any system call"
    for share in ("hostNetwork", "hostPID", "hostIPC"):
        if spec.get(share):
            yield f"shares its node's {share}"
    if manifest["kind"] != "Job" and spec.get("terminationGracePeriodSeconds", 30) < 60:
        yield "is killed before it can finish a batch"
    volumes = {volume["name"] for volume in spec.get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in manifest["spec"].get("volumeClaimTemplates", [])}
    for container in containers(manifest):
        for problem in container_problems(container, probed=manifest["kind"] != "Job"):
            yield f"{container['name']}: {problem}"
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"{container['name']}: mounts {mount['name']}, which is no volume"


def container_problems(container: Manifest, probed: bool) -> Iterator[str]:
    """What one container may that it need not, and what it lacks."""
    if not PINNED.fullmatch(container["image"]):
        yield f"its image {container['image']} is not pinned"
    for bound in ("requests", "limits"):
        for resource in ("cpu", "memory"):
            if not container.get("resources", {}).get(bound, {}).get(resource):
                yield f"has no {bound} of {resource}"
    security = container.get("securityContext", {})
    if security.get("readOnlyRootFilesystem") is not True:
        yield "may write into its image"
    if security.get("allowPrivilegeEscalation") is not False or security.get("privileged"):
        yield "may gain rights"
    if security.get("capabilities") != {"drop": ["ALL"]}:
        yield "keeps capabilities"
    ports = {port["name"] for port in container.get("ports", [])}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe") if probed else ():
        if probe not in container:
            yield f"has no {probe}"
            continue
        asked = next((container[probe][how] for how in ("httpGet", "tcpSocket") if how in container[probe]), {})
        if asked and asked["port"] not in ports:
            yield f"its {probe} asks port {asked['port']}, which it does not name"


def reference_problems(manifests: Manifests) -> Iterator[str]:
    """Names that lead nowhere: the schemas do not see those."""
    accounts, maps = of_kind(manifests, "ServiceAccount"), of_kind(manifests, "ConfigMap")
    services, budgets = of_kind(manifests, "Service"), of_kind(manifests, "PodDisruptionBudget")
    for name, manifest in with_pods(manifests).items():
        account = accounts.get(pod(manifest).get("serviceAccountName", ""))
        if account is None or account.get("automountServiceAccountToken") is not False:
            yield f"{name}: its service account is missing or hands out tokens"
        wanted = {volume["configMap"]["name"] for volume in pod(manifest).get("volumes", []) if "configMap" in volume}
        for container in containers(manifest):
            wanted |= {source["configMapRef"]["name"] for source in container.get("envFrom", [])}
            for entry in container.get("env", []):
                secret = entry.get("valueFrom", {}).get("secretKeyRef")
                if secret and secret.get("optional") is not True:
                    yield f"{name}: cannot start without the Secret {secret['name']}"
        for missing in sorted(wanted - maps.keys()):
            yield f"{name}: there is no ConfigMap {missing}"
    for name, manifest in workloads(manifests).items():
        if not selects(manifest["spec"]["selector"], pod_labels(manifest)):
            yield f"{name}: does not select its own pods"
        for constraint in pod(manifest).get("topologySpreadConstraints", []):
            if not selects(constraint["labelSelector"], pod_labels(manifest)):
                yield f"{name}: spreads pods that are not its own"
        if manifest["kind"] == "StatefulSet":
            service = services.get(manifest["spec"]["serviceName"])
            if service is None or service["spec"].get("clusterIP") != "None":
                yield f"{name}: has no headless Service"
        if name.removeprefix("dateline-") in SERVICES and not any(
            selects(budget["spec"]["selector"], pod_labels(manifest)) for budget in budgets.values()
        ):
            yield f"{name}: has no PodDisruptionBudget"
    for name, service in services.items():
        behind = [
            one
            for one in workloads(manifests).values()
            if service["spec"]["selector"].items() <= pod_labels(one).items()
        ]
        if len(behind) != 1:
            yield f"Service {name}: {len(behind)} workloads stand behind it"
            continue
        named = {port["name"] for container in containers(behind[0]) for port in container.get("ports", [])}
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in named:
                yield f"Service {name}: its pods have no port {port['targetPort']}"


def setting_problems(manifests: Manifests) -> Iterator[str]:
    """Variables that no settings class reads."""
    known = {
        f"{kind.model_config['env_prefix']}{field.upper()}" for kind in SETTINGS for field in kind.model_fields
    } | OTHER_VARIABLES
    for name in sorted(variables(manifests).keys() - known):
        yield f"{name} is no setting"


def schema_problems(manifests: Manifests, version: str) -> Iterator[str]:
    """What a server of this version of Kubernetes would refuse or drop."""
    try:
        import kubernetes_validate
    except ImportError:
        _missing("kubernetes-validate is not installed: make setup")
    for manifest in manifests:
        if manifest["apiVersion"].split("/")[0] in CUSTOM:
            continue
        try:
            kubernetes_validate.validate(manifest, version, strict=True)
        except (kubernetes_validate.ValidationError, kubernetes_validate.SchemaNotFoundError) as error:
            yield f"{manifest['kind']} {manifest['metadata']['name']}: {error}"


# -------------------------------------------------------------------------------------------- the manifests


@pytest.mark.parametrize("version", KUBERNETES)
def test_every_object_is_what_kubernetes_knows(manifests: Manifests, version: str) -> None:
    assert list(schema_problems(manifests, version)) == []


def test_no_pod_may_more_than_it_needs_and_none_lacks_a_limit_or_a_probe(manifests: Manifests) -> None:
    problems = {name: list(pod_problems(manifest)) for name, manifest in with_pods(manifests).items()}
    assert problems == {name: [] for name in problems}


def test_every_name_leads_somewhere(manifests: Manifests) -> None:
    assert list(reference_problems(manifests)) == []


def test_every_variable_is_a_setting(manifests: Manifests) -> None:
    assert list(setting_problems(manifests)) == []


def test_the_settings_can_be_read(manifests: Manifests, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)
    for name, value in settings_of(manifests).items():
        monkeypatch.setenv(name, value)
    runtime, api = read_settings(RuntimeSettings), read_settings(ApiSettings)
    read_settings(FetcherSettings)
    assert runtime.kafka
    for name in SERVICES:
        [container] = pod(workloads(manifests)[f"dateline-{name}"])["containers"]
        [port] = container["ports"]
        listening = (api.host, api.port) if name == "api" else (runtime.health_host, runtime.health_port)
        assert (name, "0.0.0.0", port["containerPort"]) == (name, *listening)
        assert str(runtime.data) in {mount["mountPath"] for mount in container["volumeMounts"]}
        scraped = workloads(manifests)[f"dateline-{name}"]["spec"]["template"]["metadata"]["annotations"]
        assert scraped["prometheus.io/port"] == str(port["containerPort"])


def test_there_is_a_workload_for_each_service_and_it_runs_that_service(manifests: Manifests) -> None:
    own = {
        name: manifest for name, manifest in workloads(manifests).items() if name.removeprefix("dateline-") in SERVICES
    }
    assert {name: manifest["kind"] for name, manifest in own.items()} == {
        "dateline-fetcher": "StatefulSet",
        "dateline-dedup": "StatefulSet",
        "dateline-extractor": "Deployment",
        "dateline-linker": "StatefulSet",
        "dateline-cache": "Deployment",
        "dateline-api": "Deployment",
    }
    for name, manifest in own.items():
        [container] = pod(manifest)["containers"]
        assert container["args"] == ["run", name.removeprefix("dateline-")]
        assert re.split("[:@]", container["image"])[0].rpartition("/")[2] == name


def test_a_worker_keeps_its_name_and_its_table_when_its_pod_is_replaced(manifests: Manifests) -> None:
    for name in ("dedup", "linker"):
        manifest = workloads(manifests)[f"dateline-{name}"]
        [container] = pod(manifest)["containers"]
        [worker] = [entry for entry in container["env"] if entry["name"] == "DATELINE_WORKER"]
        assert worker["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
        claims = {claim["metadata"]["name"] for claim in manifest["spec"]["volumeClaimTemplates"]}
        [data] = [mount for mount in container["volumeMounts"] if mount["mountPath"] == "/var/lib/dateline"]
        assert data["name"] in claims


def test_no_more_pods_are_started_than_there_are_partitions_to_read(manifests: Manifests) -> None:
    most = {
        "dateline-dedup": ARTICLES_RAW.partitions,
        "dateline-extractor": ARTICLES_UNIQUE.partitions,
        "dateline-linker": MENTIONS.partitions,
        "dateline-cache": EVENTS.partitions,
    }
    wanted = {name: workloads(manifests)[name]["spec"].get("replicas", 1) for name in most}
    for scaler in of_kind(manifests, "HorizontalPodAutoscaler").values():
        target = scaler["spec"]["scaleTargetRef"]["name"]
        assert "replicas" not in workloads(manifests)[target]["spec"], "apply and the autoscaler would fight"
        wanted[target] = scaler["spec"]["maxReplicas"]
    assert {name: count for name, count in wanted.items() if count > most[name]} == {}


def test_probes_ask_for_life_and_for_readiness(manifests: Manifests) -> None:
    for name in SERVICES:
        manifest = workloads(manifests)[f"dateline-{name}"]
        [container] = pod(manifest)["containers"]
        # A stand-by is never ready, and a StatefulSet's rollout waits for each pod to be ready.
        stand_by = name == "fetcher" and manifest["spec"]["replicas"] > 1
        paths = [container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")]
        assert (name, *paths) == (name, "/healthz", "/healthz", "/healthz" if stand_by else "/readyz")


def test_the_job_that_makes_topics_is_named_after_the_release(manifests: Manifests) -> None:
    version = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]["version"]
    [(name, job)] = of_kind(manifests, "Job").items()
    assert name == f"dateline-topics-{version.replace('.', '-')}"
    assert job["spec"]["ttlSecondsAfterFinished"] > 0


def test_every_pod_is_cut_off_from_what_no_policy_allows(manifests: Manifests) -> None:
    [closed] = [
        policy["spec"]
        for policy in of_kind(manifests, "NetworkPolicy").values()
        if not policy["spec"].get("ingress") and not policy["spec"].get("egress")
    ]
    assert sorted(closed["policyTypes"]) == ["Egress", "Ingress"]
    assert [
        name for name, one in with_pods(manifests).items() if not selects(closed["podSelector"], pod_labels(one))
    ] == []


def test_kafka_is_for_the_stages_and_redis_for_cache_and_api(manifests: Manifests) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    reach = {
        port: {
            name.removeprefix("dateline-")
            for name, one in with_pods(manifests).items()
            if selects(policies[policy]["spec"]["podSelector"], pod_labels(one))
        }
        for port, policy in (("kafka", "dateline-to-kafka"), ("redis", "dateline-to-redis"))
    }
    [job] = of_kind(manifests, "Job")
    stages = {"fetcher", "dedup", "extractor", "linker", "cache", job.removeprefix("dateline-")}
    assert reach == {"kafka": stages, "redis": {"cache", "api"}}


def test_the_public_web_is_for_the_fetcher_and_the_webhooks_of_the_api(manifests: Manifests) -> None:
    policies = of_kind(manifests, "NetworkPolicy")
    feeds, webhooks = (policies[f"dateline-to-{name}"]["spec"] for name in ("feeds", "webhooks"))
    assert webhooks["egress"] == feeds["egress"]
    pods = {"feeds": feeds, "webhooks": webhooks}
    assert {
        (name, pod.removeprefix("dateline-"))
        for name, policy in pods.items()
        for pod, one in with_pods(manifests).items()
        if selects(policy["podSelector"], pod_labels(one))
    } == {("feeds", "fetcher"), ("webhooks", "api")}


def test_the_feeds_are_those_that_come_with_dateline(production: Manifests) -> None:
    feeds = of_kind(production, "ConfigMap")["dateline-feeds"]["data"]["feeds.opml"]
    assert feeds == (REPO / "deploy" / "feeds" / "world.opml").read_text(), "copy it to k8s/base/feeds.opml"


def test_production_images_are_pinned_by_digest(production: Manifests) -> None:
    images = {container["image"] for manifest in with_pods(production).values() for container in containers(manifest)}
    assert [image for image in images if "@sha256:" not in image] == []


def test_the_sample_newsrooms_feeds_are_the_ones_it_serves_and_the_fetcher_may_reach_them(
    local: Manifests, tmp_path: Path
) -> None:
    fetcher = workloads(local)["dateline-fetcher"]
    [newsroom] = pod(fetcher)["initContainers"]
    port = int(newsroom["args"][newsroom["args"].index("--port") + 1])
    feeds = of_kind(local, "ConfigMap")["dateline-feeds"]["data"]["feeds.opml"]
    assert feeds == opml(load_outlets(), port).decode()
    listed = tmp_path / "feeds.opml"
    listed.write_text(feeds)
    guard = OutboundGuard(settings_of(local)["DATELINE_FETCH_ALLOW_HOSTS"].split(","))
    for feed in read_list(listed):
        guard.check(feed.url)  # raises where the fetcher would refuse
    assert newsroom["restartPolicy"] == "Always", "as a plain init container it would keep the fetcher from starting"
    script = newsroom["command"][1].removeprefix("/opt/dateline/")
    assert (REPO / script).is_file()


def test_the_fetcher_reads_the_mounted_list_of_feeds(manifests: Manifests) -> None:
    fetcher = workloads(manifests)["dateline-fetcher"]
    [container] = pod(fetcher)["containers"]
    [named] = [entry["value"] for entry in container["env"] if entry["name"] == FEED_FILES]
    [volume] = [
        one["name"] for one in pod(fetcher)["volumes"] if one.get("configMap", {}).get("name") == "dateline-feeds"
    ]
    [mount] = [one for one in container["volumeMounts"] if one["name"] == volume]
    assert "subPath" not in mount, "a file mounted alone never changes"
    folder, _, file = named.rpartition("/")
    assert (mount["mountPath"], file in of_kind(manifests, "ConfigMap")["dateline-feeds"]["data"]) == (folder, True)


def test_the_local_broker_is_found_where_the_services_look(local: Manifests) -> None:
    maps = of_kind(local, "ConfigMap")
    [name] = [name for name in maps if name.startswith("dateline-kafka-")]
    lines = [line for line in maps[name]["data"]["server.properties"].splitlines() if line and line[0] != "#"]
    properties = dict(line.split("=", 1) for line in lines)
    assert properties["advertised.listeners"] == f"PLAINTEXT://{settings_of(local)['DATELINE_KAFKA']}"
    host, port = settings_of(local)["DATELINE_KAFKA"].split(":")
    assert int(port) in {one["port"] for one in of_kind(local, "Service")[host]["spec"]["ports"]}
    development = server_properties(Path("data"), 9092, 9093)
    same = ("message.max.bytes", "auto.create.topics.enable")
    assert {key: properties[key] for key in same} == {key: development[key] for key in same}
    factors = {key: value for key, value in properties.items() if key.endswith(("replication.factor", "min.isr"))}
    assert set(factors.values()) == {"1"}, "one node cannot replicate"
    redis = urlsplit(settings_of(local)["DATELINE_REDIS_URL"])
    assert redis.port in {one["port"] for one in of_kind(local, "Service")[redis.hostname]["spec"]["ports"]}


def test_kafka_and_valkey_are_the_ones_that_compose_runs(local: Manifests) -> None:
    compose = yaml.safe_load((REPO / "docker-compose.yml").read_text())["services"]
    ours = {name: containers(workloads(local)[f"dateline-{name}"])[0]["image"] for name in ("kafka", "valkey")}
    assert ours == {name: compose[name]["image"] for name in ours}


def test_the_pod_monitor_finds_every_service_by_its_port(tmp_path: Path) -> None:
    # Components cannot be built by themselves; paths must be relative.
    up = os.path.relpath(K8S, tmp_path)
    (tmp_path / "kustomization.yaml").write_text(
        f"resources: [{up}/overlays/production]\ncomponents: [{up}/components/pod-monitor]\n"
    )
    manifests = built(tmp_path)
    [monitor] = of_kind(manifests, "PodMonitor").values()
    asked = {(endpoint["port"], endpoint["path"]) for endpoint in monitor["spec"]["podMetricsEndpoints"]}
    [[relabeling]] = [endpoint["relabelings"] for endpoint in monitor["spec"]["podMetricsEndpoints"]]
    for name in SERVICES:
        manifest = workloads(manifests)[f"dateline-{name}"]
        assert selects(monitor["spec"]["selector"], pod_labels(manifest))
        job = re.fullmatch(relabeling["regex"], pod_labels(manifest)["app.kubernetes.io/name"])
        assert (relabeling["targetLabel"], job and job[1]) == ("job", name)
        [container] = pod(manifest)["containers"]
        assert {(port["name"], "/metrics") for port in container["ports"]} == asked


# ------------------------------------------------------------------------------------ the checks themselves


def _first(manifest: Manifest) -> Manifest:
    return pod(manifest)["containers"][0]


BROKEN_PODS: dict[str, Callable[[Manifest], Any]] = {
    "holds a token": lambda one: pod(one).pop("automountServiceAccountToken"),
    "variables for every Service": lambda one: pod(one).pop("enableServiceLinks"),
    "default account": lambda one: pod(one).pop("serviceAccountName"),
    "may run as root": lambda one: pod(one)["securityContext"].update(runAsUser=0),
    "any system call": lambda one: pod(one)["securityContext"].pop("seccompProfile"),
    "shares its node's hostNetwork": lambda one: pod(one).update(hostNetwork=True),
    "killed before": lambda one: pod(one).pop("terminationGracePeriodSeconds"),
    "dateline: mounts data, which is no volume": lambda one: one["spec"].pop("volumeClaimTemplates"),
    "image dateline-linker:latest is not pinned": lambda one: _first(one).update(image="dateline-linker:latest"),
    "image dateline-linker is not pinned": lambda one: _first(one).update(image="dateline-linker"),
    "host:5000/dateline-linker is not pinned": lambda one: _first(one).update(image="host:5000/dateline-linker"),
    "no limits of memory": lambda one: _first(one)["resources"]["limits"].pop("memory"),
    "no requests of cpu": lambda one: _first(one)["resources"].pop("requests"),
    "may write into its image": lambda one: _first(one)["securityContext"].update(readOnlyRootFilesystem=False),
    "may gain rights": lambda one: _first(one)["securityContext"].pop("allowPrivilegeEscalation"),
    "keeps capabilities": lambda one: _first(one)["securityContext"]["capabilities"].update(add=["NET_RAW"]),
    "no startupProbe": lambda one: _first(one).pop("startupProbe"),
    "no livenessProbe": lambda one: _first(one).pop("livenessProbe"),
    "its readinessProbe asks port https": lambda one: _first(one)["readinessProbe"]["httpGet"].update(port="https"),
}


@pytest.mark.parametrize("sentence", BROKEN_PODS)
def test_a_pod_that_is_broken_is_found(production: Manifests, sentence: str) -> None:
    linker = copy.deepcopy(workloads(production)["dateline-linker"])
    BROKEN_PODS[sentence](linker)
    assert [problem for problem in pod_problems(linker) if sentence in problem] != []


def _without(kind: str, name: str) -> Callable[[Manifests], Any]:
    return lambda all_: all_.remove(next(one for one in all_ if (one["kind"], one["metadata"]["name"]) == (kind, name)))


BROKEN_REFERENCES: dict[str, Callable[[Manifests], Any]] = {
    "dateline-api: its service account is missing": _without("ServiceAccount", "dateline-api"),
    "dateline-fetcher: there is no ConfigMap dateline-feeds": _without("ConfigMap", "dateline-feeds"),
    "dateline-dedup: has no headless Service": _without("Service", "dateline-dedup"),
    "dateline-cache: has no PodDisruptionBudget": _without("PodDisruptionBudget", "dateline-cache"),
    "Service dateline-api: 0 workloads": _without("Deployment", "dateline-api"),
    "Service dateline-linker: its pods have no port http": lambda all_: _first(workloads(all_)["dateline-linker"]).pop(
        "ports"
    ),
    "cannot start without the Secret": lambda all_: _first(workloads(all_)["dateline-api"])["env"].append(
        {"name": "DATELINE_REDIS_URL", "valueFrom": {"secretKeyRef": {"name": "some", "key": "url"}}}
    ),
    "does not select its own pods": lambda all_: pod_labels(workloads(all_)["dateline-linker"]).clear(),
}


@pytest.mark.parametrize("sentence", BROKEN_REFERENCES)
def test_a_name_that_leads_nowhere_is_found(production: Manifests, sentence: str) -> None:
    BROKEN_REFERENCES[sentence](production)
    assert [problem for problem in reference_problems(production) if sentence in problem] != []


def test_a_misspelt_setting_is_found(local: Manifests) -> None:
    settings_of(local)["DATELINE_FETCH_MIN_INTERVAL"] = "300"
    assert list(setting_problems(local)) == ["DATELINE_FETCH_MIN_INTERVAL is no setting"]


def test_a_misspelt_field_and_a_wrong_type_are_found(local: Manifests) -> None:
    workloads(local)["dateline-linker"]["spec"]["podManagmentPolicy"] = "Parallel"
    workloads(local)["dateline-api"]["spec"]["replicas"] = "two"
    problems = list(schema_problems(local, KUBERNETES[-1]))
    assert [problem.split(":")[0] for problem in problems] == ["Deployment dateline-api", "StatefulSet dateline-linker"]


def test_without_the_tool_the_checks_are_skipped_but_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="fetch-kubectl"):
        builder()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="fetch-kubectl"):
        builder()
