// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/patch_parts.h"

#include <QStringList>

namespace sallyport::compile {

namespace {

class RoutePatcher
{
public:
    RoutePatcher(const std::vector<EnvoyPatch> &patches, const PatchedProxy &proxy)
        : m_patches(patches)
        , m_proxy(proxy)
    {
    }

    void patch(QJsonObject &configuration, const QString &context) const
    {
        const QString name = textOf(configuration, "name");
        eachPatch(m_patches, "ROUTE_CONFIGURATION", context, [&](const EnvoyPatch &patch) {
            if (patch.isMerge() && meansRoutes(patch, name))
                mergePatch(configuration, patch);
        });
        const QString list = QStringLiteral("virtual_hosts");
        QJsonArray hosts;
        for (const QJsonValue item : configuration.value(list).toArray()) {
            QJsonObject host = item.toObject();
            bool kept = true;
            eachPatch(m_patches, "VIRTUAL_HOST", context, [&](const EnvoyPatch &patch) {
                if (!kept || !meansRoutes(patch, name) || !meansHost(patch, host))
                    return;
                if (patch.operation == QLatin1String("REMOVE"))
                    kept = false;
                else if (patch.isMerge())
                    mergePatch(host, patch);
                else if (patch.operation == QLatin1String("REPLACE"))
                    host = patch.value;
            });
            if (!kept)
                continue;
            patchHost(host, name, context);
            hosts.append(host);
        }
        eachPatch(m_patches, "VIRTUAL_HOST", context, [&](const EnvoyPatch &patch) {
            if (patch.operation == QLatin1String("ADD") && meansRoutes(patch, name))
                hosts.append(patch.value);
        });
        configuration.insert(list, hosts);
    }

private:
    bool meansRoutes(const EnvoyPatch &patch, const QString &routes) const
    {
        const QString name = textOf(patch.routes, "name");
        if (!name.isEmpty() && name != routes)
            return false;
        const int port = patch.routes.value(QLatin1String("port_number")).toInt();
        const QStringList parts = routes.split(QLatin1Char('.'));
        if (!m_proxy.gateway) {
            const bool inbound = routes.startsWith(QLatin1String("inbound"));
            const int own = inbound ? routes.section(QLatin1Char('|'), 1, 1).toInt() : routes.toInt();
            return port == 0 || port == own;
        }
        // http.PORT or https.PORT.PORTNAME.GATEWAY.NAMESPACE
        const bool named = parts.size() == 5;
        const QString portName = textOf(patch.routes, "port_name");
        const QString gateway = textOf(patch.routes, "gateway");
        const QString own = named ? parts[4] + QLatin1Char('/') + parts[3] : QString();
        return (portName.isEmpty() || (named && portName == parts[2])) &&
               (gateway.isEmpty() || gateway == own) &&
               (port == 0 || m_proxy.sharesRoutes(parts.value(1).toInt(), port));
    }

    static bool meansHost(const EnvoyPatch &patch, const QJsonObject &host)
    {
        const QJsonObject match = objectOf(patch.routes, "vhost");
        const QString name = textOf(match, "name");
        const QString domain = textOf(match, "domain_name");
        return (name.isEmpty() || name == textOf(host, "name")) &&
               (domain.isEmpty() || host.value(QLatin1String("domains")).toArray().contains(domain));
    }

    static bool meansRoute(const EnvoyPatch &patch, const QJsonObject &route)
    {
        const QJsonObject match = objectOf(objectOf(patch.routes, "vhost"), "route");
        const QString name = textOf(match, "name");
        const QString action = textOf(match, "action");
        if (!name.isEmpty() && name != textOf(route, "name"))
            return false;
        return action.isEmpty() || action == QLatin1String("ANY") || route.contains(action.toLower());
    }

    void patchHost(QJsonObject &host, const QString &configuration, const QString &context) const
    {
        const QString list = QStringLiteral("routes");
        QJsonArray routes;
        const auto means = [&](const EnvoyPatch &patch) {
            return meansRoutes(patch, configuration) && meansHost(patch, host);
        };
        for (const QJsonValue item : host.value(list).toArray()) {
            QJsonObject route = item.toObject();
            bool kept = true;
            eachPatch(m_patches, "HTTP_ROUTE", context, [&](const EnvoyPatch &patch) {
                if (!kept || !means(patch) || !meansRoute(patch, route))
                    return;
                if (patch.operation == QLatin1String("REMOVE"))
                    kept = false;
                else if (patch.isMerge())
                    mergePatch(route, patch);
            });
            if (kept)
                routes.append(route);
        }
        eachPatch(m_patches, "HTTP_ROUTE", context, [&](const EnvoyPatch &patch) {
            if (patch.isMerge() || patch.operation == QLatin1String("REMOVE") || !means(patch))
                return;
            const bool named = objectOf(patch.routes, "vhost").contains(QLatin1String("route"));
            patchItems(routes, patch, named,
                       [&patch](const QJsonObject &route) { return meansRoute(patch, route); });
        });
        if (!routes.isEmpty() || host.contains(list))
            host.insert(list, routes);
    }

    const std::vector<EnvoyPatch> &m_patches;
    const PatchedProxy &m_proxy;
};

} // namespace

void patchRoutes(QJsonObject &configuration, const std::vector<EnvoyPatch> &patches, const QString &context,
                 const PatchedProxy &proxy)
{
    RoutePatcher(patches, proxy).patch(configuration, context);
}

} // namespace sallyport::compile
