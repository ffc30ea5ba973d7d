// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cluster.h"
#include "core/dataplane/dns_resolver.h"
#include "core/dataplane/listener.h"
#include "core/dataplane/overload_manager.h"
#include "core/dataplane/runtime_layers.h"
#include "core/dataplane/stats_config.h"
#include "core/result/result.h"

#include <QByteArray>

namespace sallyport::dataplane {

/// envoy.config.bootstrap.v3.Bootstrap
struct Bootstrap
{
    struct Node
    {
        std::string id;
        std::string cluster;
        Locality locality;
        QJsonObject metadata;
        bool operator==(const Node &) const = default;
    };
    struct Admin
    {
        std::optional<SocketAddress> address;
        std::vector<AccessLog> accessLogs;
        std::string profilePath;
        bool operator==(const Admin &) const = default;
    };

    Node node;
    std::optional<Admin> admin;
    std::vector<Listener> listeners;
    std::vector<Cluster> clusters;
    std::vector<Secret> secrets;
    std::string localClusterName; ///< the cluster that this node is one of
    StatsConfig statsConfig;
    std::optional<OverloadManager> overloadManager;
    std::optional<DnsResolver> dnsResolver;  ///< of all names; none: the name servers of this machine
    std::vector<RuntimeLayer> runtimeLayers; ///< `layered_runtime`, see RuntimeLayers
    std::optional<Duration> statsFlushInterval;
    std::optional<bool> statsFlushOnAdmin;
    std::optional<std::uint64_t> statsServerVersionOverride;

    bool operator==(const Bootstrap &) const = default;
};

/// Reads a bootstrap as Envoy does: proto3 JSON rules, unknown and unsupported fields refused by name. The
/// error's place is the JSON path, `static_resources.listeners[0].name`. Checks what Envoy checks at load,
/// also across resources; files that it names are read (certificates, keys).
/// `adminRuntime` is what the runtime's admin layer holds: keys and values.
Result<Bootstrap> decodeBootstrap(const QByteArray &json, const QJsonObject &adminRuntime = {});

/// The same without looking at files and across resources: for configurations that are edited or analysed.
Result<Bootstrap> parseBootstrap(const QByteArray &json, const QJsonObject &adminRuntime = {});

/// What Envoy refuses although each field by itself is well formed: duplicate names, chains without a
/// terminal filter, unknown clusters, bad expressions, keys that do not belong to their certificate, ….
Result<void> validateBootstrap(const Bootstrap &bootstrap);

/// snake_case JSON with absent fields left out; real Envoy takes it.
QByteArray encodeBootstrap(const Bootstrap &bootstrap);

/// A file of `path_config_source`: a DiscoveryResponse with Secret resources.
struct SecretFile
{
    std::string version; ///< what the file says of itself; mostly nothing
    std::vector<Secret> secrets;
};
Result<SecretFile> decodeSecretFile(const QByteArray &json);
QByteArray encodeSecretFile(const std::vector<Secret> &secrets);

} // namespace sallyport::dataplane
