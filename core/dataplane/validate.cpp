// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"

namespace sallyport::dataplane {

Result<void> validateBootstrap(const Bootstrap &bootstrap)
{
    Chain chain;
    DeclaredNames declared;
    for (std::size_t i = 0; i < bootstrap.secrets.size(); ++i) {
        const Secret &secret = bootstrap.secrets[i];
        const auto declare = [&](auto &secrets, const char *kind) {
            if (!secrets.emplace(secret.name, &secret).second)
                chain(failAt("static_resources.secrets[" + std::to_string(i) + "].name",
                             "Duplicate static " + std::string(kind) + " secret name " + secret.name));
        };
        if (secret.certificate)
            declare(declared.certificates, "TlsCertificate");
        if (secret.validation)
            declare(declared.validations, "CertificateValidationContext");
        if (!secret.sessionTicketKeys.empty())
            declare(declared.ticketKeys, "TlsSessionTicketKeys");
    }
    for (std::size_t i = 0; i < bootstrap.clusters.size(); ++i) {
        const Cluster &cluster = bootstrap.clusters[i];
        const std::string path = "static_resources.clusters[" + std::to_string(i) + ']';
        if (!declared.names.insert(cluster.name).second)
            chain(failAt(path + ".name", "cluster manager: duplicate cluster '" + cluster.name + '\''));
        const auto checkTransport = [&](const UpstreamTransport &transport, const std::string &at) {
            if (transport.tls)
                chain(checkUpstreamTls(*transport.tls, at + ".transport_socket.typed_config", declared));
        };
        checkTransport(cluster.transport, path);
        for (std::size_t match = 0; match < cluster.transportMatches.size(); ++match)
            checkTransport(cluster.transportMatches[match].transport,
                           path + ".transport_socket_matches[" + std::to_string(match) + ']');
    }
    if (!bootstrap.localClusterName.empty() && !declared.has(bootstrap.localClusterName))
        chain(failAt("cluster_manager.local_cluster_name",
                     "local cluster '" + bootstrap.localClusterName + "' must be defined"));
    for (const StringMatcher &pattern : bootstrap.statsConfig.patterns)
        chain(checkString(pattern, "stats_config.stats_matcher"));
    for (const StatsConfig::HistogramBounds &setting : bootstrap.statsConfig.histogramBounds)
        chain(checkString(setting.match, "stats_config.histogram_bucket_settings"));
    if (bootstrap.admin && bootstrap.admin->address)
        chain(checkAddress(*bootstrap.admin->address, "admin.address"));
    for (std::size_t i = 0; i < bootstrap.listeners.size() && chain.good(); ++i)
        chain(checkListener(bootstrap.listeners[i], "static_resources.listeners[" + std::to_string(i) + ']',
                            declared));
    return chain.take();
}

} // namespace sallyport::dataplane
