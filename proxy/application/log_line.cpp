// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/log_line.h"

#include <QRegularExpression>
#include <QStringList>
#include <vector>

namespace sallyport::application {

namespace {

struct FormatPart
{
    std::string literal; ///< empty for an operator
    bool isVolatile = false;
};

/// Cuts a format string into literals and operators; `%%` is a literal percent sign.
std::vector<FormatPart> cut(std::string_view format)
{
    std::vector<FormatPart> parts;
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
            parts.push_back({std::move(literal), false});
        literal.clear();
        parts.push_back({{}, isVolatileOperator(format.substr(at + 1, end - at - 1))});
        at = end + 1;
    }
    if (!literal.empty())
        parts.push_back({std::move(literal), false});
    return parts;
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

std::string withoutVolatileParts(std::string_view line, std::string_view format)
{
    std::vector<FormatPart> parts = cut(format);
    while (!parts.empty() && !parts.back().literal.empty() && parts.back().literal.back() == '\n')
        parts.back().literal.pop_back();
    QString pattern;
    for (const FormatPart &part : parts)
        pattern += part.literal.empty() ? QStringLiteral("(.*?)")
                                        : QRegularExpression::escape(QString::fromStdString(part.literal));
    const QRegularExpression expression(QRegularExpression::anchoredPattern(pattern),
                                        QRegularExpression::DotMatchesEverythingOption);
    const QString text = QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size()));
    const QRegularExpressionMatch match = expression.match(text);
    if (!match.hasMatch())
        return std::string(line);
    std::string result;
    int group = 0;
    for (const FormatPart &part : parts) {
        if (!part.literal.empty()) {
            result += part.literal;
            continue;
        }
        ++group;
        result += part.isVolatile ? std::string("*") : match.captured(group).toStdString();
    }
    return result;
}

} // namespace sallyport::application
