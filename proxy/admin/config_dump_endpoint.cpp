// SPDX-License-Identifier: GPL-3.0-or-later
// `/config_dump` (source/server/admin/config_dump_handler.cc). Private keys are never shown.
#include "proxy/admin/admin_endpoint.h"
#include "proxy/admin/admin_json.h"

#include <QJsonDocument>
#include <re2/re2.h>

namespace sallyport::admin {

namespace {

const QString typePrefix = QStringLiteral("type.googleapis.com/");

/// Every `private_key`, `password` and ticket key loses its value.
QJsonValue redacted(const QJsonValue &value, const QString &key = {})
{
    static const QStringList secret{QStringLiteral("private_key"), QStringLiteral("password"),
                                    QStringLiteral("keys"), QStringLiteral("private_key_provider")};
    if (value.isObject()) {
        QJsonObject object = value.toObject();
        const bool hide = secret.contains(key);
        for (auto it = object.begin(); it != object.end(); ++it) {
            if (hide &&
                (it.key() == QLatin1String("inline_string") || it.key() == QLatin1String("inline_bytes")))
                it.value() = QStringLiteral("[redacted]");
            else
                it.value() = redacted(it.value(), it.key());
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
    QJsonArray routes() const
    {
        QJsonArray all;
        const QJsonArray listeners = bootstrap.value(QLatin1String("static_resources"))
                                         .toObject()
                                         .value(QLatin1String("listeners"))
                                         .toArray();
        for (const QJsonValue listener : listeners) {
            for (const QJsonValue chain :
                 listener.toObject().value(QLatin1String("filter_chains")).toArray()) {
                for (const QJsonValue filter : chain.toObject().value(QLatin1String("filters")).toArray()) {
                    const QJsonObject config =
                        filter.toObject().value(QLatin1String("typed_config")).toObject();
                    if (config.contains(QLatin1String("route_config")))
                        all.append(
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
        return {first,
                section("envoy.admin.v3.ClustersConfigDump", "static_clusters",
                        wrapped("clusters", "cluster", "envoy.config.cluster.v3.Cluster")),
                section("envoy.admin.v3.ListenersConfigDump", "static_listeners",
                        wrapped("listeners", "listener", "envoy.config.listener.v3.Listener")),
                section("envoy.admin.v3.ScopedRoutesConfigDump", "inline_scoped_route_configs", {}),
                section("envoy.admin.v3.RoutesConfigDump", "static_route_configs", routes()),
                section("envoy.admin.v3.SecretsConfigDump", "static_secrets", secrets())};
    }
};

/// Keeps the fields that a mask names, `a,b.c`.
QJsonObject masked(const QJsonObject &object, const QStringList &paths)
{
    QJsonObject kept;
    for (const QString &path : paths) {
        const QString head = path.section(QLatin1Char('.'), 0, 0);
        const QString rest = path.section(QLatin1Char('.'), 1);
        if (!object.contains(head))
            continue;
        if (rest.isEmpty() || !object.value(head).isObject())
            kept.insert(head, object.value(head));
        else
            kept.insert(head, masked(object.value(head).toObject(), {rest}));
    }
    if (object.contains(QLatin1String("@type")))
        kept.insert(QStringLiteral("@type"), object.value(QLatin1String("@type")));
    return kept;
}

QString nameOf(const QJsonObject &item)
{
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
    const QString resource = QString::fromStdString(request.get("resource"));
    const QStringList mask =
        QString::fromStdString(request.get("mask")).split(QLatin1Char(','), Qt::SkipEmptyParts);
    const auto refuse = [](unsigned status, const QString &why) {
        return AdminAnswer{status, why.toStdString(), "text/plain", true};
    };
    std::unique_ptr<re2::RE2> names;
    if (request.has("name_regex")) {
        names = std::make_unique<re2::RE2>(request.get("name_regex"), re2::RE2::Quiet);
        if (!names->ok())
            return refuse(400, QStringLiteral("Error while parsing name_regex from ") +
                                   QString::fromStdString(request.get("name_regex")));
    }
    const auto wanted = [&](const QJsonObject &item) {
        return !names || re2::RE2::FullMatch(nameOf(item).toStdString(), *names);
    };
    QJsonArray configs;
    if (resource.isEmpty()) {
        for (const QJsonValue section : dump.sections()) {
            QJsonObject object = section.toObject();
            for (auto it = object.begin(); names && it != object.end(); ++it) {
                if (!it.value().isArray())
                    continue;
                QJsonArray kept;
                for (const QJsonValue item : it.value().toArray()) {
                    if (wanted(item.toObject()))
                        kept.append(item);
                }
                it.value() = kept;
            }
            configs.append(mask.isEmpty() ? object : masked(object, mask));
        }
        return jsonAnswer({{QStringLiteral("configs"), configs}});
    }
    for (const QJsonValue section : dump.sections()) {
        const QJsonObject object = section.toObject();
        if (!object.contains(resource))
            continue;
        if (!object.value(resource).isArray())
            return refuse(400, resource + QStringLiteral(" is not a repeated field. Use ?mask=") + resource +
                                   QStringLiteral(" to get only this field"));
        const QString type = object.value(QLatin1String("@type"))
                                 .toString()
                                 .replace(QLatin1String("sConfigDump"), QLatin1String("sConfigDump.")) +
                             (resource.startsWith(QLatin1String("static_"))
                                  ? resource.mid(7, 1).toUpper() + resource.mid(8).chopped(1)
                                  : resource);
        for (const QJsonValue item : object.value(resource).toArray()) {
            if (!wanted(item.toObject()))
                continue;
            QJsonObject shown = mask.isEmpty() ? item.toObject() : masked(item.toObject(), mask);
            shown.insert(QStringLiteral("@type"), type);
            configs.append(shown);
        }
        return jsonAnswer({{QStringLiteral("configs"), configs}});
    }
    return refuse(404, resource + QStringLiteral(" not found in config dump"));
}

} // namespace sallyport::admin
