// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/message_merge.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <QSet>
#include <QStringList>

namespace sallyport::compile {

namespace {

/// Fields whose values are maps or free structures: their keys are no fields.
bool holdsFreeKeys(const QString &field)
{
    static const QSet<QString> fields = {
        QStringLiteral("filter_metadata"),   QStringLiteral("typed_filter_metadata"),
        QStringLiteral("json_format"),       QStringLiteral("typed_per_filter_config"),
        QStringLiteral("metadata_match"),    QStringLiteral("typed_extension_protocol_options"),
        QStringLiteral("match_typed_config")};
    return fields.contains(field);
}

QString fieldName(const QString &key)
{
    static const QRegularExpression camel(QStringLiteral("^[a-z][a-z0-9]*([A-Z][a-z0-9]*)+$"));
    if (!camel.match(key).hasMatch())
        return key;
    QString name;
    for (const QChar c : key) {
        if (c.isUpper())
            name += QLatin1Char('_');
        name += c.toLower();
    }
    return name;
}

/// Oneofs of Envoy's API that a patch may change the member of.
const QList<QStringList> &oneofs()
{
    const auto words = [](const char *list) { return QString::fromLatin1(list).split(QLatin1Char(' ')); };
    static const QList<QStringList> groups = {
        words("route redirect direct_response filter_action non_forwarding_action"),
        words("cluster cluster_header weighted_clusters cluster_specifier_plugin"),
        words("prefix path safe_regex connect_matcher path_separated_prefix path_match_policy"),
        words("explicit_http_config use_downstream_protocol_config auto_config"),
        words("rds route_config scoped_routes"),
        words("type cluster_type"),
        words("host_rewrite_literal auto_host_rewrite host_rewrite_header host_rewrite_path_regex"),
        words("path_redirect prefix_rewrite regex_rewrite"),
        words("text_format json_format text_format_source"),
        words("inline_string inline_bytes filename environment_variable"),
        words("validation_context validation_context_sds_secret_config combined_validation_context"),
        words("ring_hash_lb_config maglev_lb_config original_dst_lb_config least_request_lb_config "
              "round_robin_lb_config")};
    return groups;
}

void dropSiblings(QJsonObject &into, const QString &key)
{
    for (const QStringList &group : oneofs()) {
        if (!group.contains(key))
            continue;
        for (const QString &other : group) {
            if (other != key)
                into.remove(other);
        }
    }
}

/// One protocol only stands in `explicit_http_config`; beside it they stand together.
void dropProtocols(QJsonObject &into, const QJsonObject &from)
{
    const QStringList protocols = {QStringLiteral("http_protocol_options"),
                                   QStringLiteral("http2_protocol_options"),
                                   QStringLiteral("http3_protocol_options")};
    for (const QString &given : protocols) {
        if (!from.contains(given))
            continue;
        for (const QString &other : protocols) {
            if (other != given)
                into.remove(other);
        }
    }
}

} // namespace

QJsonValue withFieldNames(const QJsonValue &message)
{
    if (message.isArray()) {
        QJsonArray list;
        for (const QJsonValue item : message.toArray())
            list.append(withFieldNames(item));
        return list;
    }
    if (!message.isObject())
        return message;
    QJsonObject result;
    const QJsonObject object = message.toObject();
    for (auto field = object.begin(); field != object.end(); ++field) {
        const QString name = fieldName(field.key());
        if (!holdsFreeKeys(name)) {
            result.insert(name, withFieldNames(field.value()));
            continue;
        }
        // The keys stay; what they lead to may be messages again.
        const bool messages = name.startsWith(QLatin1String("typed_"));
        QJsonObject map = field.value().toObject();
        for (auto entry = map.begin(); messages && entry != map.end(); ++entry)
            entry.value() = withFieldNames(entry.value());
        result.insert(name, field.value().isObject() ? QJsonValue(map) : field.value());
    }
    return result;
}

void mergeMessage(QJsonObject &into, const QJsonObject &from, bool replaceLists)
{
    for (auto field = from.begin(); field != from.end(); ++field) {
        const QString &key = field.key();
        dropSiblings(into, key);
        const QJsonValue known = into.value(key);
        if (known.isObject() && field.value().isObject()) {
            QJsonObject merged = known.toObject();
            const QJsonObject more = field.value().toObject();
            const QString type = QStringLiteral("@type");
            if (more.contains(type) && merged.value(type) != more.value(type)) {
                into.insert(key, more);
                continue;
            }
            if (key == QLatin1String("explicit_http_config"))
                dropProtocols(merged, more);
            mergeMessage(merged, more, replaceLists);
            into.insert(key, merged);
        } else if (known.isArray() && field.value().isArray() && !replaceLists) {
            QJsonArray list = known.toArray();
            for (const QJsonValue item : field.value().toArray())
                list.append(item);
            into.insert(key, list);
        } else if (!field.value().isNull()) {
            into.insert(key, field.value());
        }
    }
}

void mergeTypedConfig(QJsonObject &into, const QJsonObject &from)
{
    const QString config = QStringLiteral("typed_config");
    const QString type = QStringLiteral("@type");
    QJsonObject own = into.value(config).toObject();
    const QJsonObject more = from.value(config).toObject();
    if (own.isEmpty() || more.isEmpty() || own.value(type) != more.value(type))
        return;
    mergeMessage(own, more);
    into.insert(config, own);
}

} // namespace sallyport::compile
