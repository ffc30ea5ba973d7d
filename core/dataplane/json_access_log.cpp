// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

#include "core/dataplane/access_log_format.h"
#include "core/dataplane/cel_expression.h"
#include "core/dataplane/check.h"

#include <QFile>

namespace sallyport::dataplane {

namespace {

using LogFilterKind = AccessLogFilter::Kind;

constexpr const char *fileLog = "envoy.extensions.access_loggers.file.v3.FileAccessLog";
constexpr const char *stdoutLog = "envoy.extensions.access_loggers.stream.v3.StdoutAccessLog";
constexpr const char *expressionFilter = "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter";
constexpr const char *stderrLog = "envoy.extensions.access_loggers.stream.v3.StderrAccessLog";

template<typename A, typename F>
void describeCase(A &a, const char *name, AccessLogFilter &m, LogFilterKind kind, F &&describeGroup)
{
    if (takesCase(a, name, kind, m.kind))
        a.group(name, describeGroup, true);
}

template<typename A>
void describeComparison(A &a, const char *name, AccessLogFilter &m, LogFilterKind kind)
{
    describeCase(a, name, m, kind, [&](A &inner) {
        inner.group(
            "comparison",
            [&](A &comparison) {
                comparison.word("op", m.comparison, {"EQ", "GE", "LE", "NE"});
                comparison.always("value", m.value);
            },
            true);
    });
}

/// Every format string of a JSON format, nested ones too.
void checkJsonFormat(JsonReader &a, const QJsonValue &value)
{
    if (value.isString()) {
        if (const Result<std::vector<FormatCommand>> parsed = parseFormat(fromQt(value.toString())); !parsed)
            a.fail("json_format", parsed.error().what);
    } else if (value.isObject()) {
        for (const QJsonValue &inner : value.toObject())
            checkJsonFormat(a, inner);
    } else if (value.isArray()) {
        for (const QJsonValue &inner : value.toArray())
            checkJsonFormat(a, inner);
    }
}

/// A format that stands somewhere is read where the configuration is.
std::string textOf(JsonReader &a, const DataSource &source)
{
    if (source.inlineString || source.inlineBytes)
        return source.inlineString ? *source.inlineString : *source.inlineBytes;
    if (!source.environmentVariable.empty()) {
        const char *variable = source.environmentVariable.c_str();
        if (!qEnvironmentVariableIsSet(variable))
            a.fail("text_format_source", "Environment variable doesn't exist: " + source.environmentVariable);
        return qgetenv(variable).toStdString();
    }
    if (const Checked readable = checkFile(source.filename, a.child("text_format_source")); !readable)
        a.fail("text_format_source", readable.error().what);
    QFile file(toQt(source.filename));
    return file.open(QIODevice::ReadOnly) ? file.readAll().toStdString() : std::string();
}

} // namespace

template<typename A>
void describe(A &a, AccessLogFilter &m)
{
    a.message("envoy.config.accesslog.v3.AccessLogFilter");
    describeComparison(a, "status_code_filter", m, LogFilterKind::StatusCode);
    describeComparison(a, "duration_filter", m, LogFilterKind::ElapsedTime);
    describeCase(a, "not_health_check_filter", m, LogFilterKind::NotHealthCheck, [](A &) {});
    describeCase(a, "traceable_filter", m, LogFilterKind::Traceable, [](A &) {});
    describeCase(a, "runtime_filter", m, LogFilterKind::Runtime, [&](A &inner) {
        inner.field("percent_sampled", m.percent);
        inner.keys({"runtime_key"});
        inner.ignored({"use_independent_randomness"});
    });
    describeCase(a, "and_filter", m, LogFilterKind::And,
                 [&](A &inner) { inner.field("filters", m.children); });
    describeCase(a, "or_filter", m, LogFilterKind::Or, [&](A &inner) { inner.field("filters", m.children); });
    describeCase(a, "header_filter", m, LogFilterKind::Header,
                 [&](A &inner) { inner.always("header", m.header); });
    describeCase(a, "response_flag_filter", m, LogFilterKind::ResponseFlag,
                 [&](A &inner) { inner.field("flags", m.flags); });
    describeCase(a, "grpc_status_filter", m, LogFilterKind::GrpcStatus, [&](A &inner) {
        inner.field("statuses", m.statuses);
        inner.field("exclude", m.exclude);
    });
    describeCase(a, "log_type_filter", m, LogFilterKind::LogType, [&](A &inner) {
        inner.field("types", m.types);
        inner.field("exclude", m.exclude);
    });
    describeCase(a, "metadata_filter", m, LogFilterKind::Metadata, [&](A &inner) {
        inner.field("matcher", m.metadata);
        inner.field("match_if_key_not_found", m.matchIfKeyNotFound);
    });
    if constexpr (std::is_same_v<A, JsonReader>) {
        a.group("extension_filter", [&](A &inner) {
            inner.ignored({"name"});
            const bool typed = inner.any("typed_config", [&](JsonReader &config, const std::string &type) {
                config.check(type == expressionFilter, "@type", "only CEL expressions are supported here");
                m.kind = LogFilterKind::Expression;
                config.field("expression", m.expression);
                if (const Result<CelExpression> parsed = CelExpression::parse(m.expression); !parsed)
                    config.fail("expression", parsed.error().what);
            });
            inner.check(typed, "typed_config", "a filter needs its configuration");
        });
    } else if (m.kind == LogFilterKind::Expression) {
        const QJsonObject config{
            {QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(expressionFilter)},
            {QStringLiteral("expression"), toQt(m.expression)}};
        a.set("extension_filter", QJsonObject{{QStringLiteral("name"),
                                               QStringLiteral("envoy.access_loggers.extension_filters.cel")},
                                              {QStringLiteral("typed_config"), config}});
    }
}
SALLYPORT_DESCRIBED(AccessLogFilter)

template<typename A>
void describe(A &a, FormatString &m)
{
    a.message("envoy.config.core.v3.SubstitutionFormatString");
    if constexpr (A::reading) {
        a.field("text_format", m.text);
        DataSource source;
        a.field("text_format_source", source);
        if (source.isSet())
            m.text = textOf(a, source);
        a.field("json_format", m.json);
        if (m.text) {
            if (const Result<std::vector<FormatCommand>> parsed = parseFormat(*m.text); !parsed)
                a.fail(source.isSet() ? "text_format_source" : "text_format", parsed.error().what);
        }
        if (m.json)
            checkJsonFormat(a, *m.json);
    } else {
        if (m.text) {
            a.group(
                "text_format_source", [&](A &inner) { inner.field("inline_string", m.text); }, true);
        }
        a.field("json_format", m.json);
    }
    a.field("omit_empty_values", m.omitEmptyValues);
    a.field("content_type", m.contentType);
    a.group("json_format_options", [&](A &inner) { inner.field("sort_properties", m.sortProperties); });
    a.refused({"formatters"});
}
SALLYPORT_DESCRIBED(FormatString)

template<typename A>
void describe(A &a, AccessLog &m)
{
    a.message("envoy.config.accesslog.v3.AccessLog");
    a.field("name", m.name);
    a.field("filter", m.filter);
    if constexpr (A::reading) {
        const bool typed = a.any("typed_config", [&](JsonReader &inner, const std::string &type) {
            if (type == fileLog) {
                inner.field("path", m.path);
                std::optional<std::string> text;
                inner.field("format", text);
                std::optional<QJsonObject> json;
                inner.field("json_format", json);
                inner.field("typed_json_format", json);
                if (text || json) {
                    m.format.emplace();
                    m.format->text = text;
                    m.format->json = json;
                }
            } else if (type == stdoutLog || type == stderrLog) {
                m.path = type == stdoutLog ? "/dev/stdout" : "/dev/stderr";
            } else {
                inner.fail("@type", "this access logger is not supported by this gateway: " + type);
                inner.ignoreRest();
            }
            inner.field("log_format", m.format);
        });
        a.check(typed, "typed_config", "an access log needs its configuration");
    } else {
        QJsonObject config{{QStringLiteral("@type"), QLatin1String(typePrefix) + QLatin1String(fileLog)},
                           {QStringLiteral("path"), toQt(m.path)}};
        if (m.format)
            config[QStringLiteral("log_format")] = JsonWriter::write(*m.format);
        a.set("typed_config", config);
    }
}
SALLYPORT_DESCRIBED(AccessLog)

} // namespace sallyport::dataplane
