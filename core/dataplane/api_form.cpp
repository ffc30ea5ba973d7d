// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/api_form.h"

#include "core/dataplane/api_value.h"

#include <algorithm>

namespace sallyport::dataplane {

namespace {

QJsonValue emptyValue(const ApiField &field)
{
    switch (field.type) {
    case ApiType::Bool:
        return false;
    case ApiType::String:
    case ApiType::Bytes:
        return QString();
    case ApiType::TimeSpan:
        return QStringLiteral("0s");
    case ApiType::Message:
    case ApiType::Any:
    case ApiType::Struct:
    case ApiType::Opaque:
        return QJsonObject();
    default:
        return 0;
    }
}

QJsonValue durationOf(const QJsonObject &object, const ApiMessage &span, const std::string &path,
                      ReadState &state)
{
    const auto part = [&](const char *name) -> qint64 {
        const QJsonValue json = object.value(QLatin1String(name));
        if (json.isUndefined() || json.isNull())
            return 0;
        const ApiField &field = *span.field(QLatin1String(name));
        return otherSpelling(json, field, path + '.' + name, state).value_or(json).toInteger();
    };
    const Duration seconds = std::chrono::seconds(part("seconds"));
    return durationToJson(seconds + Duration(part("nanos")));
}

} // namespace

QJsonArray flattened(const QJsonArray &list, const ApiField &field)
{
    const auto stays = [](const QJsonValue &item) { return !item.isArray() && !item.isNull(); };
    if (field.type == ApiType::Value || std::all_of(list.begin(), list.end(), stays))
        return list;
    QJsonArray flat;
    for (const QJsonValue &item : list) {
        if (!item.isArray()) {
            flat.append(item.isNull() ? emptyValue(field) : item);
            continue;
        }
        for (const QJsonValue &inner : flattened(item.toArray(), field))
            flat.append(inner);
    }
    return flat;
}

std::optional<QJsonValue> valueOfMessage(const QJsonObject &object, const ApiField &field,
                                         const std::string &path, ReadState &state)
{
    const bool duration = field.type == ApiType::TimeSpan;
    if (!duration && (!field.wrapped || field.type == ApiType::String))
        return std::nullopt;
    static const ApiMessage &span = *ApiSchema::envoy().message("google.protobuf.Duration");
    for (const QString &name : object.keys()) {
        if (duration ? span.field(name) == nullptr : name != QLatin1String("value"))
            state.fail(path + '.' + fromQt(name), "there is no such field");
    }
    if (duration)
        return durationOf(object, span, path, state);
    const QJsonValue value = object.value(QLatin1String("value"));
    return value.isUndefined() || value.isNull() ? emptyValue(field) : value;
}

} // namespace sallyport::dataplane
