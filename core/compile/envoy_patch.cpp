// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/envoy_patch.h"

#include "core/compile/message_merge.h"
#include "core/compile/patch_parts.h"

#include <QJsonArray>
#include <QStringList>

namespace sallyport::compile {

namespace {

constexpr const char *connectionManagerName = "envoy.filters.network.http_connection_manager";
constexpr const char *proxyProtocol = "envoy.filters.listener.proxy_protocol";

bool isVirtual(const QJsonObject &listener)
{
    const QString name = textOf(listener, "name");
    return name == QLatin1String("virtualInbound") || name == QLatin1String("virtualOutbound");
}

bool holds(const QStringList &wanted, const QJsonArray &given)
{
    for (const QString &one : wanted) {
        if (!given.contains(one))
            return false;
    }
    return true;
}

/// MERGE of a filter: its configuration if the types agree, and its name.
void mergeFilter(QJsonObject &filter, const EnvoyPatch &patch)
{
    if (!filter.contains(QLatin1String("typed_config")))
        return;
    mergeTypedConfig(filter, patch.value);
    if (!textOf(patch.value, "name").isEmpty())
        filter.insert(QStringLiteral("name"), patch.value.value(QLatin1String("name")));
}

class Patcher
{
public:
    Patcher(const std::vector<EnvoyPatch> &patches, const PatchedProxy &proxy)
        : m_patches(patches)
        , m_proxy(proxy)
    {
    }

    QJsonArray clusters(const QJsonArray &list) const
    {
        QJsonArray result;
        for (const QJsonValue item : list) {
            QJsonObject cluster = item.toObject();
            if (patchCluster(cluster))
                result.append(cluster);
        }
        append(result, "CLUSTER");
        return result;
    }

    QJsonArray listeners(const QJsonArray &list) const
    {
        QJsonArray result;
        for (const QJsonValue item : list) {
            QJsonObject listener = item.toObject();
            if (patchListener(listener))
                result.append(listener);
        }
        append(result, "LISTENER");
        return result;
    }

private:
    QString defaultContext() const
    {
        return m_proxy.gateway ? QStringLiteral("GATEWAY") : QStringLiteral("SIDECAR_OUTBOUND");
    }

    /// What patches add to either side of the proxy.
    void append(QJsonArray &list, const char *applyTo) const
    {
        const QString inbound = contextOf(true);
        for (const EnvoyPatch &patch : m_patches) {
            const bool here = patch.context == QLatin1String("ANY") || patch.context == inbound ||
                              patch.context == defaultContext();
            if (here && patch.applyTo == QLatin1String(applyTo) && patch.operation == QLatin1String("ADD"))
                list.append(patch.value);
        }
    }

    QString contextOf(bool inbound) const
    {
        return inbound && !m_proxy.gateway ? QStringLiteral("SIDECAR_INBOUND") : defaultContext();
    }

    static bool meansCluster(const EnvoyPatch &patch, const QString &name)
    {
        if (const QString wanted = textOf(patch.cluster, "name"); !wanted.isEmpty())
            return wanted == name;
        // outbound|PORT|SUBSET|HOST
        const QStringList parts = name.split(QLatin1Char('|'));
        const auto part = [&parts](qsizetype index) { return parts.size() == 4 ? parts[index] : QString(); };
        const QString subset = textOf(patch.cluster, "subset");
        const QString service = textOf(patch.cluster, "service");
        const int port = patch.cluster.value(QLatin1String("port_number")).toInt();
        return (subset.isEmpty() || subset == part(2)) && (service.isEmpty() || service == part(3)) &&
               (port == 0 || port == part(1).toInt());
    }

    /// A transport socket is merged into the one of its name, and nothing else of the patch then.
    static bool mergeSocket(QJsonObject &object, const EnvoyPatch &patch)
    {
        const QString socket = QStringLiteral("transport_socket");
        const QString matches = QStringLiteral("transport_socket_matches");
        const QJsonObject more = patch.value.value(socket).toObject();
        if (more.isEmpty())
            return false;
        QJsonArray list = object.value(matches).toArray();
        for (qsizetype index = 0; index < list.size(); ++index) {
            QJsonObject match = list[index].toObject();
            QJsonObject own = match.value(socket).toObject();
            if (own.value(QLatin1String("name")) != more.value(QLatin1String("name")))
                continue;
            mergeTypedConfig(own, more);
            match.insert(socket, own);
            list[index] = match;
            object.insert(matches, list);
            return true;
        }
        if (!list.isEmpty())
            return true;
        QJsonObject own = object.value(socket).toObject();
        if (own.value(QLatin1String("name")) == more.value(QLatin1String("name")))
            mergeTypedConfig(own, more);
        else
            own = more;
        object.insert(socket, own);
        return true;
    }

    bool patchCluster(QJsonObject &cluster) const
    {
        const QString name = textOf(cluster, "name");
        const bool inbound = name.startsWith(QLatin1String("inbound|")) ||
                             name.startsWith(QLatin1String("InboundPassthroughCluster"));
        bool kept = true;
        eachPatch(m_patches, "CLUSTER", contextOf(inbound), [&](const EnvoyPatch &patch) {
            if (!kept || !meansCluster(patch, name))
                return;
            if (patch.operation == QLatin1String("REMOVE"))
                kept = false;
            else if (patch.isMerge() && !mergeSocket(cluster, patch))
                mergePatch(cluster, patch);
        });
        return kept;
    }

    bool meansListener(const EnvoyPatch &patch, const QJsonObject &listener) const
    {
        const QString name = textOf(patch.listener, "name");
        if (!name.isEmpty() && name != textOf(listener, "name"))
            return false;
        if (patch.applyTo != QLatin1String("LISTENER") && isVirtual(listener))
            return true;
        const int port = patch.listener.value(QLatin1String("port_number")).toInt();
        return port == 0 || objectOf(objectOf(listener, "address"), "socket_address")
                                    .value(QLatin1String("port_value"))
                                    .toInt() == m_proxy.localPort(port);
    }

    bool meansChain(const EnvoyPatch &patch, const QJsonObject &listener, const QJsonObject &chain) const
    {
        const QJsonObject own = objectOf(chain, "filter_chain_match");
        const int destination = own.value(QLatin1String("destination_port")).toInt();
        const int port = patch.listener.value(QLatin1String("port_number")).toInt();
        if (isVirtual(listener) && port > 0 && destination != m_proxy.localPort(port))
            return false;
        const QJsonObject match = objectOf(patch.listener, "filter_chain");
        const QString name = textOf(match, "name");
        const QString sni = textOf(match, "sni");
        const QString transport = textOf(match, "transport_protocol");
        const QString protocols = textOf(match, "application_protocols");
        const int wanted = match.value(QLatin1String("destination_port")).toInt();
        return (name.isEmpty() || name == textOf(chain, "name")) &&
               (sni.isEmpty() || own.value(QLatin1String("server_names")).toArray().contains(sni)) &&
               (transport.isEmpty() || transport == textOf(own, "transport_protocol")) &&
               (protocols.isEmpty() || holds(protocols.split(QLatin1Char(',')),
                                             own.value(QLatin1String("application_protocols")).toArray())) &&
               (wanted == 0 || destination == m_proxy.localPort(wanted));
    }

    bool patchListener(QJsonObject &listener) const
    {
        const QString context = contextOf(textOf(listener, "traffic_direction") == QLatin1String("INBOUND"));
        bool kept = true;
        eachPatch(m_patches, "LISTENER", context, [&](const EnvoyPatch &patch) {
            if (!kept || !meansListener(patch, listener))
                return;
            if (patch.operation == QLatin1String("REMOVE"))
                kept = false;
            else if (patch.isMerge())
                mergePatch(listener, patch);
        });
        if (!kept)
            return false;
        patchListenerFilters(listener, context);
        const QString chains = QStringLiteral("filter_chains");
        const QString fallback = QStringLiteral("default_filter_chain");
        QJsonArray result;
        for (const QJsonValue item : listener.value(chains).toArray()) {
            QJsonObject chain = item.toObject();
            if (patchChain(chain, listener, context))
                result.append(chain);
        }
        if (QJsonObject chain = listener.value(fallback).toObject(); !chain.isEmpty()) {
            if (patchChain(chain, listener, context))
                listener.insert(fallback, chain);
            else
                listener.remove(fallback);
        }
        eachPatch(m_patches, "FILTER_CHAIN", context, [&](const EnvoyPatch &patch) {
            if (patch.operation == QLatin1String("ADD") && meansListener(patch, listener))
                result.append(patch.value);
        });
        listener.insert(chains, result);
        return true;
    }

    void patchListenerFilters(QJsonObject &listener, const QString &context) const
    {
        const QString list = QStringLiteral("listener_filters");
        QJsonArray filters = listener.value(list).toArray();
        // The lab's way to tell a sidecar the original destination comes before everything.
        const bool ofLab =
            !m_proxy.gateway && textOf(filters.first().toObject(), "name") == QLatin1String(proxyProtocol);
        const QJsonValue first = ofLab ? filters.takeAt(0) : QJsonValue();
        const auto wanted = [](const EnvoyPatch &patch) { return textOf(patch.listener, "listener_filter"); };
        eachPatch(m_patches, "LISTENER_FILTER", context, [&](const EnvoyPatch &patch) {
            const bool named = !wanted(patch).isEmpty();
            const auto finds = [&](const QJsonObject &filter) {
                return !named || wanted(patch) == textOf(filter, "name");
            };
            if (!meansListener(patch, listener))
                return;
            if (!patch.isMerge()) {
                patchItems(filters, patch, named, finds);
                return;
            }
            // istiod merges into every filter of the type, whatever its name.
            for (qsizetype index = 0; named && index < filters.size(); ++index) {
                QJsonObject filter = filters[index].toObject();
                if (patch.operation == QLatin1String("MERGE") &&
                    filter.contains(QLatin1String("typed_config")))
                    mergeTypedConfig(filter, patch.value);
                filters[index] = filter;
            }
        });
        if (ofLab)
            filters.prepend(first);
        if (!filters.isEmpty())
            listener.insert(list, filters);
        else
            listener.remove(list);
    }

    bool patchChain(QJsonObject &chain, const QJsonObject &listener, const QString &context) const
    {
        const auto means = [&](const EnvoyPatch &patch) {
            return meansListener(patch, listener) && meansChain(patch, listener, chain);
        };
        bool kept = true;
        eachPatch(m_patches, "FILTER_CHAIN", context, [&](const EnvoyPatch &patch) {
            if (!kept || !means(patch))
                return;
            if (patch.operation == QLatin1String("REMOVE"))
                kept = false;
            else if (patch.isMerge() &&
                     (!chain.contains(QLatin1String("transport_socket")) || !mergeSocket(chain, patch)))
                mergePatch(chain, patch);
        });
        if (!kept)
            return false;
        const QString list = QStringLiteral("filters");
        QJsonArray filters = chain.value(list).toArray();
        eachPatch(m_patches, "NETWORK_FILTER", context, [&](const EnvoyPatch &patch) {
            if (!patch.isMerge() && means(patch))
                patchItems(filters, patch, namesFilter(patch),
                           [&patch](const QJsonObject &filter) { return meansFilter(patch, filter); });
        });
        for (qsizetype index = 0; index < filters.size(); ++index) {
            QJsonObject filter = filters[index].toObject();
            eachPatch(m_patches, "NETWORK_FILTER", context, [&](const EnvoyPatch &patch) {
                if (patch.operation == QLatin1String("MERGE") && means(patch) && meansFilter(patch, filter))
                    mergeFilter(filter, patch);
            });
            if (textOf(filter, "name") == QLatin1String(connectionManagerName))
                patchManager(filter, context, means);
            filters[index] = filter;
        }
        chain.insert(list, filters);
        return true;
    }

    static bool namesFilter(const EnvoyPatch &patch)
    {
        return objectOf(patch.listener, "filter_chain").contains(QLatin1String("filter"));
    }

    static bool meansFilter(const EnvoyPatch &patch, const QJsonObject &filter)
    {
        return !namesFilter(patch) || textOf(objectOf(objectOf(patch.listener, "filter_chain"), "filter"),
                                             "name") == textOf(filter, "name");
    }

    void patchManager(QJsonObject &filter, const QString &context,
                      const std::function<bool(const EnvoyPatch &)> &means) const
    {
        const QString config = QStringLiteral("typed_config");
        QJsonObject manager = filter.value(config).toObject();
        const QString list = QStringLiteral("http_filters");
        QJsonArray filters = manager.value(list).toArray();
        const auto subFilter = [](const EnvoyPatch &patch) {
            return objectOf(objectOf(objectOf(patch.listener, "filter_chain"), "filter"), "sub_filter");
        };
        const auto finds = [&subFilter](const EnvoyPatch &patch, const QJsonObject &candidate) {
            const QJsonObject wanted = subFilter(patch);
            return wanted.isEmpty() || textOf(wanted, "name") == textOf(candidate, "name");
        };
        eachPatch(m_patches, "HTTP_FILTER", context, [&](const EnvoyPatch &patch) {
            if (!patch.isMerge() && means(patch) && meansFilter(patch, filter))
                patchItems(filters, patch, !subFilter(patch).isEmpty(),
                           [&](const QJsonObject &candidate) { return finds(patch, candidate); });
        });
        for (qsizetype index = 0; index < filters.size(); ++index) {
            QJsonObject own = filters[index].toObject();
            eachPatch(m_patches, "HTTP_FILTER", context, [&](const EnvoyPatch &patch) {
                if (patch.operation == QLatin1String("MERGE") && means(patch) && meansFilter(patch, filter) &&
                    finds(patch, own))
                    mergeFilter(own, patch);
            });
            filters[index] = own;
        }
        manager.insert(list, filters);
        const QString routes = QStringLiteral("route_config");
        if (manager.contains(routes)) {
            QJsonObject configuration = manager.value(routes).toObject();
            patchRoutes(configuration, m_patches, context, m_proxy);
            manager.insert(routes, configuration);
        }
        filter.insert(config, manager);
    }

    const std::vector<EnvoyPatch> &m_patches;
    const PatchedProxy &m_proxy;
};

} // namespace

QJsonObject patched(const QJsonObject &bootstrap, const std::vector<EnvoyPatch> &patches,
                    const PatchedProxy &proxy)
{
    const Patcher patcher(patches, proxy);
    const QString resources = QStringLiteral("static_resources");
    const QString clusters = QStringLiteral("clusters");
    const QString listeners = QStringLiteral("listeners");
    QJsonObject result = bootstrap;
    for (const EnvoyPatch &patch : patches) {
        if (patch.applyTo == QLatin1String("BOOTSTRAP") && patch.operation == QLatin1String("MERGE"))
            mergePatch(result, patch);
    }
    QJsonObject own = result.value(resources).toObject();
    own.insert(clusters, patcher.clusters(own.value(clusters).toArray()));
    own.insert(listeners, patcher.listeners(own.value(listeners).toArray()));
    result.insert(resources, own);
    return result;
}

} // namespace sallyport::compile
