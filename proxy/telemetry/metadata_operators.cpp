// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/metadata_operators.h"

#include <QJsonArray>
#include <QJsonDocument>

#include <algorithm>
#include <vector>

namespace sallyport::telemetry {

namespace {

using Source = QJsonObject StreamInfo::*;

/// Null for kinds that nothing here has.
Source sourceOf(std::string_view kind)
{
    struct Kind
    {
        std::string_view name;
        Source source;
    };
    static constexpr Kind kinds[] = {
        {"DYNAMIC", &StreamInfo::dynamicMetadata},
        {"CLUSTER", &StreamInfo::clusterMetadata},
        {"UPSTREAM_HOST", &StreamInfo::upstreamMetadata},
        {"ROUTE", &StreamInfo::routeMetadata},
        {"VIRTUAL_HOST", &StreamInfo::virtualHostMetadata},
        {"LISTENER", &StreamInfo::listenerMetadata},
        {"LISTENER_FILTER_CHAIN", &StreamInfo::filterChainMetadata},
    };
    const auto *found = std::find_if(std::begin(kinds), std::end(kinds),
                                     [kind](const Kind &known) { return known.name == kind; });
    return found == std::end(kinds) ? nullptr : found->source;
}

LogValue valueOf(const QJsonValue &value, std::optional<std::size_t> length, std::string &scratch)
{
    using Kind = LogValue::Kind;
    if (value.isUndefined() || value.isNull())
        return {};
    if (value.isString()) {
        scratch = value.toString().toStdString();
        return {Kind::Text, std::string_view(scratch).substr(0, length.value_or(std::string::npos)), 0};
    }
    // As an element of a list every kind of value can be written; the list's brackets are not wanted.
    const QByteArray list = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
    scratch.assign(list.constData() + 1, static_cast<std::size_t>(list.size()) - 2);
    return {Kind::Json, scratch, 0};
}

} // namespace

Operator makeMetadataOperator(std::string_view name, const std::string &arguments,
                              std::optional<std::size_t> maxLength)
{
    std::vector<QString> path;
    const QStringList parts = QString::fromStdString(arguments).split(QLatin1Char(':'));
    path.assign(parts.begin(), parts.end());
    Source source = nullptr;
    if (name == "DYNAMIC_METADATA") {
        source = sourceOf("DYNAMIC");
    } else if (name == "CLUSTER_METADATA") {
        source = sourceOf("CLUSTER");
    } else if (name == "UPSTREAM_METADATA") {
        source = sourceOf("UPSTREAM_HOST");
    } else if (name == "METADATA") {
        source = sourceOf(path.front().toStdString());
        path.erase(path.begin());
    } else {
        return nullptr;
    }
    if (source == nullptr)
        return [](const LogContext &, std::string &) { return LogValue(); };
    return [source, path, maxLength](const LogContext &context, std::string &scratch) {
        QJsonValue value = context.info.*source;
        for (const QString &key : path)
            value = value.toObject().value(key);
        return valueOf(value, maxLength, scratch);
    };
}

} // namespace sallyport::telemetry
