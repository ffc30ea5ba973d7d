// SPDX-License-Identifier: GPL-3.0-or-later
// Of the Kubernetes kinds only what says where a workload runs, who it is and how it is reached; the rest is
// kept silently.
#include "core/model/base64.h"
#include "core/model/decode.h"
#include "core/model/proxy_config.h"
#include "core/yaml/document.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace sallyport::model {

namespace {

/// Annotations that change what a sidecar captures or how it is started: in a lab all of a pod's traffic goes
/// through its proxy, on the ports that its containers name.
bool isWithoutEffect(const std::string &annotation)
{
    static constexpr std::array<std::string_view, 6> known{
        "sidecar.istio.io/interceptionMode",   "sidecar.istio.io/bootstrapOverride",
        "sidecar.istio.io/userVolume",         "sidecar.istio.io/userVolumeMount",
        "istio.io/reroute-virtual-interfaces", "proxy.istio.io/overrides"};
    return annotation.starts_with("traffic.sidecar.istio.io/") ||
           std::find(known.begin(), known.end(), annotation) != known.end();
}

void checkAnnotations(Fields &metadata, const PodTemplate &pod)
{
    if (pod.annotations.empty())
        return;
    metadata.object("annotations", [&](Fields &annotations) {
        for (const auto &[name, value] : pod.annotations) {
            if (isWithoutEffect(name))
                annotations.withoutEffect({name});
            const yaml::NodePtr text = annotations.node()->find(name);
            if (name == proxyConfigAnnotation && text && text->isScalar())
                checkProxyConfig(*text, annotations.context());
        }
        annotations.keepRest();
    });
}

void decodePodTemplate(Fields &pod, PodTemplate &into)
{
    pod.object("metadata", [&](Fields &metadata) {
        metadata.labels("labels", into.labels);
        metadata.labels("annotations", into.annotations);
        checkAnnotations(metadata, into);
        metadata.keepRest();
    });
    pod.object("spec", [&](Fields &spec) {
        spec.text("serviceAccountName", into.serviceAccountName);
        spec.objects("containers", [&](Fields &fields) {
            Container &container = into.containers.emplace_back();
            fields.text("name", container.name);
            fields.text("image", container.image);
            fields.objects("ports", [&](Fields &inner) {
                Container::Port &port = container.ports.emplace_back();
                inner.text("name", port.name);
                inner.number("containerPort", port.containerPort);
                inner.text("protocol", port.protocol);
                inner.keepRest();
            });
            fields.keepRest();
        });
        spec.keepRest();
    });
    pod.keepRest();
}

/// Whether the text of `meshNetworks` says more than `networks: {}`.
bool hasNetworks(const std::string &text)
{
    const std::vector<yaml::Document> documents = yaml::parseDocuments(text, "meshNetworks");
    if (documents.size() != 1 || !documents.front().root || !documents.front().root->isMapping())
        return !documents.empty();
    const yaml::NodePtr networks = documents.front().root->find("networks");
    return networks && !networks->entries.empty();
}

/// Reports one entry of a Secret's `data` or `stringData`.
void reportEntry(Fields &object, const std::string &mapping, const std::string &key, const char *code,
                 Severity severity, const std::string &message, const std::string &hint)
{
    const std::string path = mapping + "[\"" + key + "\"]";
    object.context().report(code, severity, message, object.node()->placeOf(path), path, hint);
}

} // namespace

void decodeObject(Fields &object, Service &service)
{
    object.object("spec", [&](Fields &spec) {
        spec.text("type", service.type);
        spec.text("clusterIP", service.clusterIp);
        spec.labels("selector", service.selector);
        spec.texts("externalIPs", service.externalIps);
        spec.text("externalName", service.externalName);
        spec.text("trafficDistribution", service.trafficDistribution);
        spec.objects("ports", [&](Fields &fields) {
            Service::Port &port = service.ports.emplace_back();
            fields.text("name", port.name);
            fields.text("protocol", port.protocol);
            fields.text("appProtocol", port.appProtocol);
            fields.number("port", port.port);
            std::string target;
            fields.textOrNumber("targetPort", target);
            const auto [end, error] =
                std::from_chars(target.data(), target.data() + target.size(), port.targetPort);
            if (error != std::errc() || end != target.data() + target.size()) {
                port.targetPort = 0;
                port.targetPortName = target;
            }
            fields.keepRest();
        });
        spec.keepRest();
    });
    object.object("status", [&](Fields &status) {
        status.object("loadBalancer", [&](Fields &balancer) {
            balancer.objects("ingress", [&](Fields &ingress) {
                std::string ip;
                std::string hostname;
                ingress.text("ip", ip);
                ingress.text("hostname", hostname);
                if (!ip.empty())
                    service.loadBalancerIps.push_back(ip);
                if (!hostname.empty())
                    service.loadBalancerHostnames.push_back(hostname);
                ingress.keepRest();
            });
            balancer.keepRest();
        });
        status.keepRest();
    });
    object.keepRest();
}

void decodeObject(Fields &object, Workload &workload)
{
    if (workload.kind == "Pod") {
        decodePodTemplate(object, workload.pod);
    } else {
        object.object("spec", [&](Fields &spec) {
            spec.number("replicas", workload.replicas);
            spec.object("template", [&](Fields &pod) { decodePodTemplate(pod, workload.pod); });
            spec.keepRest();
        });
    }
    if (workload.pod.serviceAccountName.empty())
        workload.pod.serviceAccountName = "default";
    object.keepRest();
}

void decodeObject(Fields &object, Secret &secret)
{
    object.text("type", secret.type);
    Labels encoded;
    object.labels("data", encoded);
    for (const auto &[key, text] : encoded) {
        if (std::optional<std::string> bytes = fromBase64(text))
            secret.data[key] = *std::move(bytes);
        else
            reportEntry(object, "data", key, "EGR0105", Severity::Error, key + " is not base64",
                        "use stringData for plain text");
    }
    Labels plain;
    object.labels("stringData", plain);
    for (const auto &[key, text] : plain)
        secret.data[key] = text;
    for (const char *key : {"tls.key", "key"}) {
        const auto found = secret.data.find(key);
        if (found != secret.data.end() && found->second.find("PRIVATE KEY") != std::string::npos)
            reportEntry(object, encoded.count(key) > 0 ? "data" : "stringData", key, "EGR0521",
                        Severity::Warning, "a private key lies in the project in clear text",
                        "import it as a credential, and take the Secret out of the project");
    }
    object.keepRest();
}

void decodeObject(Fields &object, ConfigMap &map)
{
    object.labels("data", map.data);
    if (const auto networks = map.data.find("meshNetworks");
        map.metadata.name == "istio" && networks != map.data.end() && hasNetworks(networks->second))
        object.object("data", [](Fields &data) {
            data.withoutEffect({"meshNetworks"});
            data.keepRest();
        });
    object.keepRest();
}

} // namespace sallyport::model
