// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/topology/hop_resources.h"

#include "core/compile/service.h"

#include <QJsonArray>
#include <algorithm>

namespace sallyport::topology {

void addResource(ChainHop &hop, const model::Resource *resource)
{
    if (!resource)
        return;
    const ResourceLink link = linkTo(*resource);
    if (std::find(hop.resources.begin(), hop.resources.end(), link) == hop.resources.end())
        hop.resources.push_back(link);
}

void addServices(const Pod &sender, const dataplane::Cluster &cluster, ChainHop &hop)
{
    const QJsonArray services =
        cluster.metadata.filters[QLatin1String("istio")].toObject()[QLatin1String("services")].toArray();
    for (const QJsonValue &value : services) {
        const std::string host = value.toObject()[QLatin1String("host")].toString().toStdString();
        for (const model::ServiceEntry &entry : sender.mesh->serviceEntries) {
            if (std::find(entry.hosts.begin(), entry.hosts.end(), host) != entry.hosts.end())
                addResource(hop, &entry);
        }
        for (const model::Service &service : sender.mesh->services) {
            if (compile::serviceHostname(service) == host)
                addResource(hop, &service);
        }
    }
}

void addReceiverResources(const Pod &receiver, int port, ChainHop &hop)
{
    if (receiver.instance.proxy != compile::Instance::Proxy::Gateway)
        return;
    for (const model::Gateway &gateway : receiver.mesh->gateways) {
        const bool serves = std::any_of(gateway.servers.begin(), gateway.servers.end(),
                                        [port](const model::Gateway::Server &server) {
                                            return static_cast<int>(server.portNumber) == port;
                                        });
        if (serves && model::selects(gateway.selector, receiver.instance.labels))
            addResource(hop, &gateway);
    }
}

} // namespace sallyport::topology
