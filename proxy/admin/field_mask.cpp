// SPDX-License-Identifier: GPL-3.0-or-later
// What `?mask=` may name (FieldMaskUtil::IsValidPath, source/server/admin/config_dump_handler.cc).
#include "proxy/admin/field_mask.h"

#include "core/dataplane/api_schema.h"

#include <QMap>

#include <algorithm>
#include <map>

namespace sallyport::admin {

namespace {

QString headOf(const QString &path)
{
    return path.section(QLatin1Char('.'), 0, 0);
}

QString restOf(const QString &path)
{
    return path.section(QLatin1Char('.'), 1);
}

bool isOneOf(const QString &name, std::initializer_list<const char *> names)
{
    return std::any_of(names.begin(), names.end(),
                       [&name](const char *each) { return name == QLatin1String(each); });
}

/// Times and wrapped values are messages, too.
bool leadsBelowValue(const dataplane::ApiField &field, const QString &path)
{
    using dataplane::ApiType;
    if (field.type == ApiType::TimeSpan)
        return isOneOf(path, {"seconds", "nanos"});
    if (field.type == ApiType::Any)
        return isOneOf(path, {"type_url", "value"});
    if (field.type == ApiType::Struct)
        return path == QLatin1String("fields");
    return field.type == ApiType::Opaque || field.type == ApiType::Value ||
           (field.wrapped && path == QLatin1String("value"));
}

} // namespace

bool leadsToField(const std::string &message, const QString &path)
{
    const dataplane::ApiMessage *known = dataplane::ApiSchema::envoy().message(message);
    if (known == nullptr)
        return true;
    const QString head = headOf(path);
    const dataplane::ApiField *field = known->field(head);
    if (field == nullptr || field->name != head)
        return false;
    if (head == path)
        return true;
    if (field->shape != dataplane::ApiField::Shape::One)
        return false;
    return field->message != nullptr ? leadsToField(field->typeName, restOf(path))
                                     : leadsBelowValue(*field, restOf(path));
}

QJsonObject masked(const QJsonObject &object, const QStringList &paths)
{
    QJsonObject kept;
    QMap<QString, QStringList> below;
    for (const QString &path : paths) {
        const QString head = headOf(path);
        // What is a message and yet no object is written as one value.
        if (!object.value(head).isObject() || head == path) {
            if (object.contains(head))
                kept.insert(head, object.value(head));
        } else {
            below[head].append(restOf(path));
        }
    }
    for (auto it = below.constBegin(); it != below.constEnd(); ++it) {
        if (!kept.contains(it.key()))
            kept.insert(it.key(), masked(object.value(it.key()).toObject(), it.value()));
    }
    if (object.contains(QLatin1String("@type")))
        kept.insert(QStringLiteral("@type"), object.value(QLatin1String("@type")));
    return kept;
}

bool leadsIntoSection(const QString &section, const QString &path)
{
    static const std::map<QString, QStringList> fields{
        {QStringLiteral("ClustersConfigDump"),
         {QStringLiteral("version_info"), QStringLiteral("static_clusters"),
          QStringLiteral("dynamic_active_clusters"), QStringLiteral("dynamic_warming_clusters")}},
        {QStringLiteral("EndpointsConfigDump"),
         {QStringLiteral("static_endpoint_configs"), QStringLiteral("dynamic_endpoint_configs")}},
        {QStringLiteral("ListenersConfigDump"),
         {QStringLiteral("version_info"), QStringLiteral("static_listeners"),
          QStringLiteral("dynamic_listeners")}},
        {QStringLiteral("ScopedRoutesConfigDump"),
         {QStringLiteral("inline_scoped_route_configs"), QStringLiteral("dynamic_scoped_route_configs")}},
        {QStringLiteral("RoutesConfigDump"),
         {QStringLiteral("static_route_configs"), QStringLiteral("dynamic_route_configs")}},
        {QStringLiteral("SecretsConfigDump"),
         {QStringLiteral("static_secrets"), QStringLiteral("dynamic_active_secrets"),
          QStringLiteral("dynamic_warming_secrets")}}};
    const auto found = fields.find(section.section(QLatin1Char('.'), -1));
    if (found != fields.end())
        return found->second.contains(path);
    const QString head = headOf(path);
    if (head == QLatin1String("last_updated"))
        return head == path || isOneOf(restOf(path), {"seconds", "nanos"});
    return head == QLatin1String("bootstrap") &&
           (head == path || leadsToField("envoy.config.bootstrap.v3.Bootstrap", restOf(path)));
}

bool leadsIntoResource(const QJsonObject &resource, const QString &path)
{
    const QString head = headOf(path);
    if (head == QLatin1String("last_updated"))
        return head == path || isOneOf(restOf(path), {"seconds", "nanos"});
    // What is packed is asked for by its fields, never as a whole.
    const QString type = resource.value(head)
                             .toObject()
                             .value(QLatin1String("@type"))
                             .toString()
                             .section(QLatin1Char('/'), -1);
    if (!type.isEmpty())
        return head != path && leadsToField(type.toStdString(), restOf(path));
    return head == path && isOneOf(head, {"name", "version_info"}) && resource.contains(head);
}

} // namespace sallyport::admin
