"""Holds kubernetes.yaml against itself and against what Kubernetes takes. No cluster runs here: which keys there are, and
of what kind, is that of its API reference for version 1.29 as far as they are used, in our own words. The API server
looks at more.
"""
import os
import re
import subprocess

import yaml

from report import expect, expect_equal

# What stands behind a key: a type, a table of keys, or a list of one of them. Of the keys in ONE_OF exactly one.
TEXT_MAP = "a map of texts"
METADATA = {"name": str, "labels": TEXT_MAP, "annotations": TEXT_MAP}
PORT_NAME = (str, int)
PROBE = {
    "httpGet": {"path": str, "port": PORT_NAME},
    "exec": {"command": [str]},
    "tcpSocket": {"port": PORT_NAME},
    "periodSeconds": int,
    "timeoutSeconds": int,
    "failureThreshold": int,
    "initialDelaySeconds": int,
}
CONTAINER = {
    "name": str,
    "image": str,
    "command": [str],
    "env": [{"name": str, "value": str}],
    "ports": [{"name": str, "containerPort": int}],
    "readinessProbe": PROBE,
    "livenessProbe": PROBE,
    "startupProbe": PROBE,
    "securityContext": {
        "readOnlyRootFilesystem": bool,
        "allowPrivilegeEscalation": bool,
        "capabilities": {"drop": [str]},
    },
    "resources": {"requests": TEXT_MAP, "limits": TEXT_MAP},
    "volumeMounts": [{"name": str, "mountPath": str, "readOnly": bool}],
}
POD = {
    "automountServiceAccountToken": bool,
    "securityContext": {
        "runAsNonRoot": bool,
        "runAsUser": int,
        "runAsGroup": int,
        "fsGroup": int,
        "seccompProfile": {"type": str},
    },
    "terminationGracePeriodSeconds": int,
    "containers": [CONTAINER],
    "volumes": [{"name": str, "configMap": {"name": str}, "secret": {"secretName": str, "defaultMode": int}}],
}
STATEFUL_SET = {
    "serviceName": str,
    "replicas": int,
    "podManagementPolicy": str,
    "selector": {"matchLabels": TEXT_MAP},
    "template": {"metadata": METADATA, "spec": POD},
    "volumeClaimTemplates": [
        {"metadata": METADATA, "spec": {"accessModes": [str], "resources": {"requests": TEXT_MAP}}}
    ],
}
SERVICE = {
    "clusterIP": str,
    "publishNotReadyAddresses": bool,
    "selector": TEXT_MAP,
    "ports": [{"name": str, "port": int, "targetPort": PORT_NAME}],
}
KINDS = {
    ("v1", "ConfigMap"): {"metadata": METADATA, "data": TEXT_MAP},
    ("v1", "Service"): {"metadata": METADATA, "spec": SERVICE},
    ("apps/v1", "StatefulSet"): {"metadata": METADATA, "spec": STATEFUL_SET},
}
LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


def problems(told, wanted, where):
    """What stands in told and should not, by the table wanted."""
    if wanted == TEXT_MAP:
        wrong = not isinstance(told, dict) or not all(isinstance(one, str) for one in told.values())
        return [f"{where}: not a map of texts"] if wrong else []
    if isinstance(wanted, list):
        if not isinstance(told, list) or not told:
            return [f"{where}: not a list with something in it"]
        return [line for at, one in enumerate(told) for line in problems(one, wanted[0], f"{where}[{at}]")]
    if isinstance(wanted, dict):
        if not isinstance(told, dict):
            return [f"{where}: not a map"]
        found = [f"{where}: unknown key {key}" for key in told if key not in wanted]
        return found + [
            line for key, one in told.items() if key in wanted for line in problems(one, wanted[key], f"{where}.{key}")
        ]
    # YAML's true is a number for Python, and none for Kubernetes.
    right = isinstance(told, wanted) and (wanted is bool or not isinstance(told, bool))
    return [] if right else [f"{where}: {told!r} is of another type"]


def documents(path):
    return {one["kind"]: one for one in yaml.safe_load_all(path.read_text())}


def container_of(path):
    (only,) = documents(path)["StatefulSet"]["spec"]["template"]["spec"]["containers"]
    return only


def liveness(path):
    return container_of(path)["livenessProbe"]["exec"]["command"]


def structure(path):
    found = []
    for one in yaml.safe_load_all(path.read_text()):
        kind = (one.pop("apiVersion"), one.pop("kind"))
        expect(kind in KINDS, f"no such kind: {kind}")
        found += problems(one, KINDS[kind], kind[1])
        expect(LABEL.fullmatch(one["metadata"]["name"]), f"not a name: {one['metadata']['name']}")
    expect(not found, "; ".join(found))
    container = container_of(path)
    for name in ("readinessProbe", "livenessProbe", "startupProbe"):
        kinds = set(container[name]) & {"httpGet", "exec", "tcpSocket"}
        expect_equal(len(kinds), 1, f"ways in which {name} asks")
    names = [port["name"] for port in container["ports"]]
    expect(all(len(name) <= 15 for name in names), f"the name of a port is too long: {names}")


def references(path, user, state):
    told = documents(path)
    service, stateful = told["Service"], told["StatefulSet"]["spec"]
    pod, container = stateful["template"]["spec"], container_of(path)
    labels = stateful["template"]["metadata"]["labels"]
    expect_equal(stateful["selector"]["matchLabels"], labels, "the labels that the StatefulSet selects")
    expect_equal(service["spec"]["selector"], labels, "the labels that the Service selects")
    expect_equal(stateful["serviceName"], service["metadata"]["name"], "the Service of the StatefulSet")
    expect_equal(service["spec"]["clusterIP"], "None", "the cluster IP of a StatefulSet's own Service")
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    wanted = [container["readinessProbe"]["httpGet"]["port"], container["startupProbe"]["tcpSocket"]["port"]]
    for port in wanted + [port["targetPort"] for port in service["spec"]["ports"]]:
        expect(port in ports, f"there is no port {port}")
    number = ports["http"]
    expect_equal(service["metadata"]["annotations"]["prometheus.io/port"], str(number), "Prometheus' port")
    expect(f"/{number} " in liveness(path)[-1], "the liveness probe asks another port")
    expect_equal(str(pod["securityContext"]["runAsUser"]), user, "the user")
    mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    claims = {one["metadata"]["name"] for one in stateful["volumeClaimTemplates"]}
    expect_equal(set(mounts), {one["name"] for one in pod["volumes"]} | claims, "volumes")
    expect_equal(mounts["state"], state, "the state's folder")
    expect_equal(container["env"][0]["value"], mounts["secrets"], "the secrets' folder")
    (config,) = [one["configMap"]["name"] for one in pod["volumes"] if "configMap" in one]
    expect_equal(config, told["ConfigMap"]["metadata"]["name"], "the ConfigMap")


def configuration(path, check):
    """Nothing but what is to be filled in is wrong with it, and it listens where the probes ask."""
    (text,) = documents(path)["ConfigMap"]["data"].values()
    done = check(text)
    expect_equal(done.returncode, 78, f"exit status with the placeholder; {done}")
    # The password comes from the Secret; the check finds that of the test.
    done = check(text.replace("CHANGE-ME", "partner@example.com"))
    expect_equal(done.returncode, 0, f"exit status when filled in; {done}")
    port = container_of(path)["ports"][0]["containerPort"]
    expect(f'listen = "0.0.0.0:{port}"' in text, "it listens somewhere else")


def shards(path):
    """What the shell of each pod makes of its name, and that there are as many pods as shards."""
    stateful = documents(path)["StatefulSet"]
    count, name = stateful["spec"]["replicas"], stateful["metadata"]["name"]
    shell, option, script = container_of(path)["command"]
    expect_equal([shell, option], ["sh", "-c"], "what runs the script")
    told = script.replace("exec emporia2mqtt run", 'echo "$EMPORIA_SHARD"')
    expect(told != script, "the script does not become the bridge")
    for ordinal in range(count):
        environment = {"HOSTNAME": f"{name}-{ordinal}", "PATH": os.defpath}
        done = subprocess.run([shell, option, told], env=environment, capture_output=True, text=True, check=True)
        expect_equal(done.stdout, f"{ordinal + 1}/{count}\n", f"the shard of pod {ordinal}")


def cases(path, user, state, check):
    return (
        (f"{path.name} has the keys and types of Kubernetes", lambda: structure(path)),
        (
            f"{path.name}: its parts name each other, the image's user and its folders",
            lambda: references(path, user, state),
        ),
        (
            f"{path.name}: the bridge takes its configuration once the e-mail is filled in",
            lambda: configuration(path, check),
        ),
    )
