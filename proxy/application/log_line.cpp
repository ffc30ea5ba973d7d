// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/log_line.h"

#include <QStringList>
#include <algorithm>
#include <utility>

namespace sallyport::application {

namespace {

struct Field
{
    const char *command;
    const char *key;
    bool number = false;
};

/// Istio's JSON format (istio:pilot/pkg/model/telemetry_logging.go), and other spellings of the same.
constexpr Field fieldOf[] = {
    {"START_TIME", "start_time"},
    {"REQ(:METHOD)", "method"},
    {"REQ(X-ENVOY-ORIGINAL-PATH?:PATH)", "path"},
    {"REQ(:PATH)", "path"},
    {"PROTOCOL", "protocol"},
    {"RESPONSE_CODE", "response_code", true},
    {"RESPONSE_FLAGS", "response_flags"},
    {"RESPONSE_CODE_DETAILS", "response_code_details"},
    {"CONNECTION_TERMINATION_DETAILS", "connection_termination_details"},
    {"UPSTREAM_TRANSPORT_FAILURE_REASON", "upstream_transport_failure_reason"},
    {"BYTES_RECEIVED", "bytes_received", true},
    {"BYTES_SENT", "bytes_sent", true},
    {"DURATION", "duration", true},
    {"RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)", "upstream_service_time"},
    {"REQ(X-FORWARDED-FOR)", "x_forwarded_for"},
    {"REQ(USER-AGENT)", "user_agent"},
    {"REQ(X-REQUEST-ID)", "request_id"},
    {"REQ(:AUTHORITY)", "authority"},
    {"UPSTREAM_HOST", "upstream_host"},
    {"UPSTREAM_CLUSTER_RAW", "upstream_cluster"},
    {"UPSTREAM_CLUSTER", "upstream_cluster"},
    {"UPSTREAM_LOCAL_ADDRESS", "upstream_local_address"},
    {"DOWNSTREAM_LOCAL_ADDRESS", "downstream_local_address"},
    {"DOWNSTREAM_REMOTE_ADDRESS", "downstream_remote_address"},
    {"REQUESTED_SERVER_NAME", "requested_server_name"},
    {"ROUTE_NAME", "route_name"},
};

const Field *findField(const std::string &command)
{
    const QString wanted = QString::fromStdString(command).toUpper();
    const auto *found = std::find_if(std::begin(fieldOf), std::end(fieldOf), [&wanted](const Field &field) {
        // A time may have a format of its own.
        return wanted == QLatin1String(field.command) ||
               (wanted.startsWith(QLatin1String("START_TIME(")) &&
                QLatin1String(field.command) == QLatin1String("START_TIME"));
    });
    return found == std::end(fieldOf) ? nullptr : found;
}

QString decoded(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

bool isVolatileOperator(std::string_view command)
{
    const QString name = QString::fromUtf8(command.data(), static_cast<qsizetype>(command.size())).toUpper();
    if (name.startsWith(QLatin1String("REQ("))) {
        const QString header = name.mid(4).section(QLatin1Char(')'), 0, 0);
        return header == QLatin1String("X-REQUEST-ID") || header == QLatin1String("USER-AGENT");
    }
    if (name.startsWith(QLatin1String("RESP(")))
        return name.startsWith(QLatin1String("RESP(X-ENVOY-UPSTREAM-SERVICE-TIME)"));
    const QString bare = name.section(QLatin1Char('('), 0, 0);
    return bare.startsWith(QLatin1String("START_TIME")) || bare.endsWith(QLatin1String("DURATION")) ||
           bare.startsWith(QLatin1String("EMIT_TIME")) || bare == QLatin1String("CONNECTION_ID") ||
           bare == QLatin1String("UPSTREAM_CONNECTION_ID") || bare == QLatin1String("STREAM_ID") ||
           bare == QLatin1String("UNIQUE_ID");
}

/// Cuts a format string into literals and operators; `%%` is a literal percent sign.
std::vector<TextLogFormat::Part> TextLogFormat::cut(std::string_view format)
{
    std::vector<Part> parts;
    std::string literal;
    std::size_t at = 0;
    while (at < format.size()) {
        if (format[at] != '%') {
            literal += format[at++];
            continue;
        }
        if (at + 1 < format.size() && format[at + 1] == '%') {
            literal += '%';
            at += 2;
            continue;
        }
        // An argument in parentheses may hold percent signs of its own (time formats).
        std::size_t end = at + 1;
        int depth = 0;
        while (end < format.size() && (depth > 0 || format[end] != '%')) {
            depth += format[end] == '(' ? 1 : format[end] == ')' ? -1 : 0;
            ++end;
        }
        if (!literal.empty())
            parts.push_back({std::move(literal), {}});
        literal.clear();
        parts.push_back({{}, std::string(format.substr(at + 1, end - at - 1))});
        at = end + 1;
    }
    if (!literal.empty())
        parts.push_back({std::move(literal), {}});
    return parts;
}

TextLogFormat::TextLogFormat(std::string_view format)
    : m_parts(cut(format))
{
    while (!m_parts.empty() && !m_parts.back().literal.empty() && m_parts.back().literal.back() == '\n') {
        m_parts.back().literal.pop_back();
        if (m_parts.back().literal.empty())
            m_parts.pop_back();
    }
    QString pattern;
    for (const Part &part : m_parts)
        pattern += part.literal.empty() ? QStringLiteral("(.*?)")
                                        : QRegularExpression::escape(QString::fromStdString(part.literal));
    m_expression.setPattern(QRegularExpression::anchoredPattern(pattern));
    m_expression.setPatternOptions(QRegularExpression::DotMatchesEverythingOption);
}

std::string TextLogFormat::withoutVolatileParts(std::string_view line) const
{
    const QRegularExpressionMatch match = m_expression.match(decoded(line));
    if (!match.hasMatch())
        return std::string(line);
    std::string result;
    int group = 0;
    for (const Part &part : m_parts) {
        if (!part.literal.empty()) {
            result += part.literal;
            continue;
        }
        ++group;
        result += isVolatileOperator(part.command) ? std::string("*") : match.captured(group).toStdString();
    }
    return result;
}

QJsonObject TextLogFormat::fields(std::string_view line) const
{
    const QString text = decoded(line);
    QJsonObject fields{{QStringLiteral("line"), text}};
    const QRegularExpressionMatch match = m_expression.match(text);
    if (!match.hasMatch())
        return fields;
    int group = 0;
    for (const Part &part : m_parts) {
        if (!part.literal.empty())
            continue;
        const QString value = match.captured(++group);
        const Field *field = findField(part.command);
        if (!field)
            continue;
        bool isNumber = false;
        const qlonglong number = value.toLongLong(&isNumber);
        QJsonValue told;
        if (field->number && isNumber)
            told = number;
        else if (value != QLatin1String("-") || QLatin1String(field->key) == QLatin1String("response_flags"))
            told = value;
        fields.insert(QLatin1String(field->key), told);
    }
    return fields;
}

} // namespace sallyport::application
