// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/log_filter.h"

#include "proxy/telemetry/grpc_status.h"
#include "proxy/telemetry/stream_attributes.h"

#include <algorithm>
#include <random>

namespace sallyport::telemetry {

LogFilter::LogFilter(const dataplane::AccessLogFilter &configuration)
    : m_configuration(configuration)
{
    for (const dataplane::AccessLogFilter &child : configuration.children)
        m_children.emplace_back(child);
    if (configuration.kind == dataplane::AccessLogFilter::Kind::Header)
        m_header.emplace(configuration.header);
    if (configuration.kind == dataplane::AccessLogFilter::Kind::Expression) {
        if (Result<dataplane::CelExpression> parsed =
                dataplane::CelExpression::parse(configuration.expression))
            m_expression = std::move(*parsed);
    }
}

bool LogFilter::passes(const LogContext &context) const
{
    using Kind = dataplane::AccessLogFilter::Kind;
    using Comparison = dataplane::AccessLogFilter::Comparison;
    const dataplane::AccessLogFilter &configuration = m_configuration;
    const auto compare = [&](std::uint64_t value) {
        const std::uint64_t bound = configuration.value.defaultValue;
        switch (configuration.comparison) {
        case Comparison::Equal:
            return value == bound;
        case Comparison::GreaterOrEqual:
            return value >= bound;
        case Comparison::LessOrEqual:
            return value <= bound;
        case Comparison::NotEqual:
            return value != bound;
        }
        return false;
    };
    const auto holds = [&](const LogFilter &child) { return child.passes(context); };
    switch (configuration.kind) {
    case Kind::StatusCode:
        return compare(context.info.responseCode);
    case Kind::ElapsedTime: {
        // A local reply asks before there is an end.
        const auto end = context.info.end.value_or(std::chrono::steady_clock::now());
        return compare(static_cast<std::uint64_t>((end - context.info.start) / std::chrono::milliseconds(1)));
    }
    case Kind::And:
        return std::all_of(m_children.begin(), m_children.end(), holds);
    case Kind::Or:
        return std::any_of(m_children.begin(), m_children.end(), holds);
    case Kind::Header: {
        std::string joined;
        const bool present = context.request && context.request->find(std::string_view(m_header->name()));
        const std::string_view value =
            present ? context.request->getAll(m_header->name(), joined) : std::string_view();
        return m_header->matchesValue(present ? std::optional(value) : std::nullopt);
    }
    case Kind::ResponseFlag:
        if (configuration.flags.empty())
            return !context.info.flags.isEmpty();
        return std::any_of(configuration.flags.begin(), configuration.flags.end(),
                           [&](const std::string &flag) { return context.info.flags.hasNamed(flag); });
    case Kind::Runtime: {
        thread_local std::minstd_rand random{std::random_device{}()};
        return random() % configuration.percent.denominatorValue() < configuration.percent.numerator;
    }
    case Kind::GrpcStatus: {
        const std::optional<int> status = grpcStatusOf(context);
        const bool listed =
            status && std::find(configuration.statuses.begin(), configuration.statuses.end(),
                                grpcStatusName(*status, true)) != configuration.statuses.end();
        return listed != configuration.exclude;
    }
    case Kind::Expression:
        return m_expression && m_expression->holds(StreamAttributes(context));
    case Kind::LogType:
        return (std::find(configuration.types.begin(), configuration.types.end(), context.info.logType) !=
                configuration.types.end()) != configuration.exclude;
    case Kind::Metadata: {
        const QJsonValue value =
            configuration.metadata
                ? dataplane::metadataValue(context.info.dynamicMetadata, *configuration.metadata)
                : QJsonValue(QJsonValue::Undefined);
        if (value.isUndefined() || value.isNull())
            return configuration.matchIfKeyNotFound.value_or(true);
        return dataplane::matchesValue(configuration.metadata->value, value);
    }
    case Kind::Traceable:
        return context.info.traceForced;
    case Kind::NotHealthCheck:
        return !context.info.healthCheck;
    }
    return true;
}

} // namespace sallyport::telemetry
