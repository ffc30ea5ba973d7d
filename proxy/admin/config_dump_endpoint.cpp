// SPDX-License-Identifier: GPL-3.0-or-later
// `/config_dump` (source/server/admin/config_dump_handler.cc). Private keys are never shown.
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"
#include "proxy/admin/field_mask.h"

#include "proxy/upstream/cluster_manager.h"

#include <QJsonDocument>
#include <algorithm>
#include <map>
#include <re2/re2.h>

namespace sallyport::admin {

namespace {

const QString typePrefix = QStringLiteral("type.googleapis.com/");

/// Every `private_key`, `password` and ticket key loses its value, also the name of a file with it.
QJsonValue redacted(const QJsonValue &value, const QString &key = {})
{
    static const QStringList secret{QStringLiteral("private_key"), QStringLiteral("password"),
                                    QStringLiteral("keys"), QStringLiteral("private_key_provider")};
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        const bool hide = secret.contains(key);
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (!hide || !it.value().isString())
                it.value() = redacted(it.value(), it.key());
            else if (it.key() == QLatin1String("inline_bytes"))
                it.value() = QString::fromLatin1(QByteArray("[redacted]").toBase64());
            else
                it.value() = QStringLiteral("[redacted]");
        }
        return object;
    }
    if (value.isArray()) {
        QJsonArray list;
        for (const QJsonValue item : value.toArray())
            list.append(redacted(item, key));
        return list;
    }
    return value;
}

QJsonObject withType(QJsonObject object, const char *type)
{
    object.insert(QStringLiteral("@type"), typePrefix + QLatin1String(type));
    return object;
}

struct Dump
{
    QJsonObject bootstrap;
    QString updated;
    QJsonArray activeSecrets; ///< of files
    QJsonArray warmingSecrets;
    std::optional<QJsonArray> endpoints; ///< asked for by include_eds

    QJsonArray wrapped(const char *list, const char *field, const char *type) const
    {
        QJsonArray all;
        const QJsonObject resources = bootstrap.value(QLatin1String("static_resources")).toObject();
        for (const QJsonValue item : resources.value(QLatin1String(list)).toArray()) {
            QJsonObject object = withType(item.toObject(), type);
            // The one default that Envoy writes out, being part of a oneof.
            if (QLatin1String(field) == QLatin1String("cluster") && !object.contains(QLatin1String("type")))
                object.insert(QStringLiteral("type"), QStringLiteral("STATIC"));
            all.append(
                QJsonObject{{QLatin1String(field), object}, {QStringLiteral("last_updated"), updated}});
        }
        return all;
    }
    /// By name, whatever the order in the file.
    QJsonArray clusters() const
    {
        std::map<std::string, QJsonValue> byName;
        for (const QJsonValue item : wrapped("clusters", "cluster", "envoy.config.cluster.v3.Cluster"))
            byName.emplace(item[QLatin1String("cluster")][QLatin1String("name")].toString().toStdString(),
                           item);
        QJsonArray all;
        for (const auto &[name, item] : byName)
            all.append(item);
        return all;
    }
    /// Of the listeners' HTTP connection managers; none: there is no such manager.
    std::optional<QJsonArray> routes() const
    {
        std::optional<QJsonArray> all;
        const QJsonArray listeners = bootstrap.value(QLatin1String("static_resources"))
                                         .toObject()
                                         .value(QLatin1String("listeners"))
                                         .toArray();
        for (const QJsonValue value : listeners) {
            const QJsonObject listener = value.toObject();
            QJsonArray chains = listener.value(QLatin1String("filter_chains")).toArray();
            if (listener.contains(QLatin1String("default_filter_chain")))
                chains.append(listener.value(QLatin1String("default_filter_chain")));
            for (const QJsonValue chain : std::as_const(chains)) {
                for (const QJsonValue filter : chain.toObject().value(QLatin1String("filters")).toArray()) {
                    const QJsonObject config =
                        filter.toObject().value(QLatin1String("typed_config")).toObject();
                    if (!config.value(QLatin1String("@type"))
                             .toString()
                             .endsWith(QLatin1String(".HttpConnectionManager")))
                        continue;
                    if (!all)
                        all.emplace();
                    if (config.contains(QLatin1String("route_config")))
                        all->append(
                            QJsonObject{{QStringLiteral("route_config"),
                                         withType(config.value(QLatin1String("route_config")).toObject(),
                                                  "envoy.config.route.v3.RouteConfiguration")},
                                        {QStringLiteral("last_updated"), updated}});
                }
            }
        }
        return all;
    }
    QJsonArray secrets() const
    {
        QJsonArray all;
        for (const QJsonValue item : bootstrap.value(QLatin1String("static_resources"))
                                         .toObject()
                                         .value(QLatin1String("secrets"))
                                         .toArray())
            all.append(
                QJsonObject{{QStringLiteral("name"), item.toObject().value(QLatin1String("name"))},
                            {QStringLiteral("last_updated"), updated},
                            {QStringLiteral("secret"),
                             withType(item.toObject(), "envoy.extensions.transport_sockets.tls.v3.Secret")}});
        return all;
    }
    /// With the content of the files that they name.
    void addSecretsOf(const ServerState &state)
    {
        for (const net::SecretStore::InFile &file : state.secretsInFiles()) {
            const dataplane::Secret none{file.name, {}, {}};
            const QJsonObject secret =
                QJsonDocument::fromJson(dataplane::encodeSecretFile({file.secret.value_or(none)}))
                    .object()
                    .value(QLatin1String("resources"))
                    .toArray()
                    .first()
                    .toObject();
            QJsonObject shown{{QStringLiteral("name"), QString::fromStdString(file.name)},
                              {QStringLiteral("last_updated"), timeJson(file.since)},
                              {QStringLiteral("secret"), redacted(secret)}};
            const std::string version = file.secret ? file.version : "uninitialized";
            if (!version.empty())
                shown.insert(QStringLiteral("version_info"), QString::fromStdString(version));
            (file.secret ? activeSecrets : warmingSecrets).append(shown);
        }
    }
    /// Sections in Envoy's order; a section holds its repeated fields by name.
    QJsonArray sections() const
    {
        const auto section = [](const char *type, const char *field, const QJsonArray &list) {
            QJsonObject object = withType({}, type);
            if (!list.isEmpty())
                object.insert(QLatin1String(field), list);
            return object;
        };
        QJsonObject first = withType({}, "envoy.admin.v3.BootstrapConfigDump");
        first.insert(QStringLiteral("bootstrap"), bootstrap);
        first.insert(QStringLiteral("last_updated"), updated);
        QJsonArray all{first, section("envoy.admin.v3.ClustersConfigDump", "static_clusters", clusters())};
        if (endpoints)
            all.append(section("envoy.admin.v3.EndpointsConfigDump", "static_endpoint_configs", *endpoints));
        all.append(section("envoy.admin.v3.ListenersConfigDump", "static_listeners",
                           wrapped("listeners", "listener", "envoy.config.listener.v3.Listener")));
        if (const std::optional<QJsonArray> known = routes()) {
            all.append(section("envoy.admin.v3.ScopedRoutesConfigDump", "inline_scoped_route_configs", {}));
            all.append(section("envoy.admin.v3.RoutesConfigDump", "static_route_configs", *known));
        }
        QJsonObject kept = section("envoy.admin.v3.SecretsConfigDump", "static_secrets", secrets());
        if (!activeSecrets.isEmpty())
            kept.insert(QStringLiteral("dynamic_active_secrets"), activeSecrets);
        if (!warmingSecrets.isEmpty())
            kept.insert(QStringLiteral("dynamic_warming_secrets"), warmingSecrets);
        all.append(kept);
        return all;
    }
};

/// What is configured of the host's locality.
std::optional<std::uint32_t> weightOf(const upstream::ClusterInfo &cluster, const upstream::Host &host)
{
    if (!cluster.configuration().loadAssignment)
        return std::nullopt;
    for (const dataplane::LocalityLbEndpoints &each : cluster.configuration().loadAssignment->endpoints) {
        if (each.priority == host.priority() && each.locality == host.locality())
            return each.weight;
    }
    return std::nullopt;
}

/// The hosts of the clusters as they are now, one locality of one priority after the other.
QJsonArray endpointConfigs(const upstream::ClusterSet &clusters)
{
    QJsonArray all;
    for (const auto &[name, cluster] : clusters.all()) {
        std::map<std::pair<std::uint32_t, std::string>, QJsonObject> localities;
        for (const upstream::HostPtr &host : cluster->hosts()) {
            const dataplane::Locality &where = host->locality();
            QJsonObject &group =
                localities[{host->priority(), where.region + '/' + where.zone + '/' + where.subZone}];
            if (group.isEmpty()) {
                QJsonObject locality;
                for (const auto &[field, value] :
                     {std::pair{"region", where.region}, {"zone", where.zone}, {"sub_zone", where.subZone}}) {
                    if (!value.empty())
                        locality.insert(QLatin1String(field), QString::fromStdString(value));
                }
                group.insert(QStringLiteral("locality"), locality);
                const std::optional<std::uint32_t> weight = weightOf(*cluster, *host);
                group.insert(QStringLiteral("load_balancing_weight"),
                             static_cast<qint64>(weight.value_or(0)));
                if (host->priority() > 0)
                    group.insert(QStringLiteral("priority"), static_cast<qint64>(host->priority()));
            }
            QJsonObject check;
            if (!host->healthCheckHostname().empty())
                check.insert(QStringLiteral("hostname"), QString::fromStdString(host->healthCheckHostname()));
            if (!(host->healthCheckAddress() == host->address()))
                check.insert(QStringLiteral("port_value"),
                             static_cast<qint64>(host->healthCheckAddress().port()));
            QJsonObject endpoint{{QStringLiteral("address"), addressJson(host->address())},
                                 {QStringLiteral("health_check_config"), check}};
            if (!host->hostname().empty())
                endpoint.insert(QStringLiteral("hostname"), QString::fromStdString(host->hostname()));
            QJsonObject shown{{QStringLiteral("endpoint"), endpoint},
                              {QStringLiteral("health_status"),
                               host->isHealthy() ? QStringLiteral("HEALTHY") : QStringLiteral("UNHEALTHY")},
                              {QStringLiteral("load_balancing_weight"), static_cast<qint64>(host->weight())}};
            // A host that a name stands for has some, if only empty ones.
            const QJsonObject filters = host->metadata().filters;
            if (!filters.isEmpty())
                shown.insert(QStringLiteral("metadata"),
                             QJsonObject{{QStringLiteral("filter_metadata"), filters}});
            else if (cluster->configuration().type != dataplane::Cluster::Type::Static)
                shown.insert(QStringLiteral("metadata"), QJsonObject());
            QJsonArray hosts = group.value(QLatin1String("lb_endpoints")).toArray();
            hosts.append(shown);
            group.insert(QStringLiteral("lb_endpoints"), hosts);
        }
        QJsonArray endpoints;
        for (const auto &[key, group] : localities)
            endpoints.append(group);
        QJsonObject assignment = withType({}, "envoy.config.endpoint.v3.ClusterLoadAssignment");
        assignment.insert(QStringLiteral("cluster_name"), QString::fromStdString(name));
        if (!endpoints.isEmpty())
            assignment.insert(QStringLiteral("endpoints"), endpoints);
        const auto &configured = cluster->configuration().loadAssignment;
        assignment.insert(
            QStringLiteral("policy"),
            QJsonObject{{QStringLiteral("overprovisioning_factor"),
                         static_cast<qint64>(configured ? configured->overprovisioningFactor : 140)}});
        all.append(QJsonObject{{QStringLiteral("endpoint_config"), assignment}});
    }
    return all;
}

/// The messages of the dump's repeated fields; of dynamic resources only secrets are ever there.
const std::map<QString, const char *> &resourceTypes()
{
    static const std::map<QString, const char *> types{
        {QStringLiteral("static_clusters"), "ClustersConfigDump.StaticCluster"},
        {QStringLiteral("dynamic_active_clusters"), "ClustersConfigDump.DynamicCluster"},
        {QStringLiteral("dynamic_warming_clusters"), "ClustersConfigDump.DynamicCluster"},
        {QStringLiteral("static_endpoint_configs"), "EndpointsConfigDump.StaticEndpointConfig"},
        {QStringLiteral("dynamic_endpoint_configs"), "EndpointsConfigDump.DynamicEndpointConfig"},
        {QStringLiteral("static_listeners"), "ListenersConfigDump.StaticListener"},
        {QStringLiteral("dynamic_listeners"), "ListenersConfigDump.DynamicListener"},
        {QStringLiteral("inline_scoped_route_configs"), "ScopedRoutesConfigDump.InlineScopedRouteConfigs"},
        {QStringLiteral("dynamic_scoped_route_configs"), "ScopedRoutesConfigDump.DynamicScopedRouteConfigs"},
        {QStringLiteral("static_route_configs"), "RoutesConfigDump.StaticRouteConfig"},
        {QStringLiteral("dynamic_route_configs"), "RoutesConfigDump.DynamicRouteConfig"},
        {QStringLiteral("static_secrets"), "SecretsConfigDump.StaticSecret"},
        {QStringLiteral("dynamic_active_secrets"), "SecretsConfigDump.DynamicSecret"},
        {QStringLiteral("dynamic_warming_secrets"), "SecretsConfigDump.DynamicSecret"}};
    return types;
}

AdminAnswer dumpAnswer(const QJsonArray &configs)
{
    // What is empty is not written.
    return jsonAnswer(configs.isEmpty() ? QJsonObject() : QJsonObject{{QStringLiteral("configs"), configs}});
}

QString nameOf(const QJsonObject &item)
{
    if (item.contains(QLatin1String("endpoint_config")))
        return item.value(QLatin1String("endpoint_config"))
            .toObject()
            .value(QLatin1String("cluster_name"))
            .toString();
    for (const char *field : {"cluster", "listener", "route_config", "secret"}) {
        if (item.contains(QLatin1String(field)))
            return item.value(QLatin1String(field)).toObject().value(QLatin1String("name")).toString();
    }
    return item.value(QLatin1String("name")).toString();
}

} // namespace

AdminAnswer configDumpEndpoint(const AdminRequest &request, ServerState &state)
{
    Dump dump;
    dump.bootstrap =
        redacted(QJsonDocument::fromJson(dataplane::encodeBootstrap(state.bootstrap())).object()).toObject();
    dump.updated = timeJson(state.configuredAt());
    dump.addSecretsOf(state);
    const QString resource = QString::fromStdString(request.get("resource"));
    const QStringList mask =
        QString::fromStdString(request.get("mask")).split(QLatin1Char(','), Qt::SkipEmptyParts);
    const auto refuse = [](unsigned status, const QString &why) {
        return AdminAnswer{status, why.toStdString(), "text/plain", true};
    };
    std::unique_ptr<re2::RE2> names;
    if (!request.get("name_regex").empty()) {
        names = std::make_unique<re2::RE2>(request.get("name_regex"), re2::RE2::Quiet);
        if (!names->ok())
            return {400,
                    "INVALID_ARGUMENT: Error while parsing name_regex from " + request.get("name_regex") +
                        ": " + names->error(),
                    "text/plain"};
    }
    if (request.has("include_eds") && state.clusters())
        dump.endpoints = endpointConfigs(*state.clusters());
    const auto wanted = [&](const QJsonObject &item) {
        return !names || re2::RE2::FullMatch(nameOf(item).toStdString(), *names);
    };
    const auto chosen = [&](const QJsonArray &list) {
        QJsonArray kept;
        for (const QJsonValue item : list) {
            if (wanted(item.toObject()))
                kept.append(item);
        }
        return kept;
    };
    const QJsonArray sections = dump.sections();
    QJsonArray configs;
    if (resource.isEmpty()) {
        for (const QJsonValue section : sections) {
            QJsonObject object = section.toObject();
            for (const QString &key : names ? object.keys() : QStringList()) {
                if (!object.value(key).isArray())
                    continue;
                const QJsonArray kept = chosen(object.value(key).toArray());
                if (kept.isEmpty())
                    object.remove(key);
                else
                    object.insert(key, kept);
            }
            if (mask.isEmpty()) {
                configs.append(object);
                continue;
            }
            // A mask is for messages: it does not reach into a list, and a section that does not have all of
            // its fields is left out.
            const QString type = object.value(QLatin1String("@type")).toString();
            if (std::all_of(mask.begin(), mask.end(),
                            [&type](const QString &path) { return leadsIntoSection(type, path); }))
                configs.append(masked(object, mask));
        }
        if (configs.isEmpty())
            return refuse(400,
                          QStringLiteral("FieldMask %1 could not be successfully applied to any configs.")
                              .arg(QString::fromStdString(request.get("mask"))));
        return dumpAnswer(configs);
    }
    const auto type = resourceTypes().find(resource);
    // Endpoints have a section of their own, which is there only if it is asked for; routes have theirs with
    // the first connection manager.
    if (type == resourceTypes().end() ||
        (!dump.routes() && resource.endsWith(QLatin1String("_route_configs"))) ||
        (!dump.endpoints && resource.endsWith(QLatin1String("_endpoint_configs")))) {
        if (resource == QLatin1String("bootstrap") || resource == QLatin1String("last_updated") ||
            resource == QLatin1String("version_info"))
            return refuse(400, resource + QStringLiteral(" is not a repeated field. Use ?mask=") + resource +
                                   QStringLiteral(" to get only this field"));
        return refuse(404, resource + QStringLiteral(" not found in config dump"));
    }
    for (const QJsonValue section : sections) {
        for (const QJsonValue item : chosen(section.toObject().value(resource).toArray())) {
            const QJsonObject whole = item.toObject();
            const QJsonObject shown = mask.isEmpty() ? whole : masked(whole, mask);
            if (!std::all_of(mask.begin(), mask.end(),
                             [&whole](const QString &path) { return leadsIntoResource(whole, path); }))
                return refuse(400, QStringLiteral("FieldMask %1 could not be successfully used.")
                                       .arg(QString::fromStdString(request.get("mask"))));
            configs.append(withType(shown, (std::string("envoy.admin.v3.") + type->second).c_str()));
        }
    }
    return dumpAnswer(configs);
}

} // namespace sallyport::admin
