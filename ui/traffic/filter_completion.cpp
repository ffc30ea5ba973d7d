// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter.h"
#include "ui/traffic/filter_field.h"
#include "ui/traffic/filter_token.h"

namespace sallyport::traffic {

namespace {

using Kind = FilterToken::Kind;

/// Values that everybody compares with.
QStringList valuesOf(const QString &field)
{
    if (field == QLatin1String("outcome"))
        return {QStringLiteral("passed"), QStringLiteral("refused"), QStringLiteral("failed")};
    if (field == QLatin1String("status"))
        return {QStringLiteral("2xx"), QStringLiteral("4xx"), QStringLiteral("5xx"), QStringLiteral("403"),
                QStringLiteral("404"), QStringLiteral("502"), QStringLiteral("503"), QStringLiteral("504")};
    if (field == QLatin1String("method"))
        return {QStringLiteral("GET"), QStringLiteral("POST"), QStringLiteral("PUT"),
                QStringLiteral("DELETE"), QStringLiteral("TCP")};
    if (field == QLatin1String("flags"))
        return {QStringLiteral("UF"), QStringLiteral("UH"),  QStringLiteral("NR"), QStringLiteral("UC"),
                QStringLiteral("UT"), QStringLiteral("URX"), QStringLiteral("DC"), QStringLiteral("NC"),
                QStringLiteral("FI"), QStringLiteral("RL"),  QStringLiteral("DPE")};
    return {};
}

QStringList operatorsOf(const FilterField &field)
{
    if (field.numeric)
        return {QStringLiteral("=="), QStringLiteral("!="), QStringLiteral(">="),
                QStringLiteral("<="), QStringLiteral(">"),  QStringLiteral("<")};
    return {QStringLiteral("=="), QStringLiteral("!="), QStringLiteral("contains"), QStringLiteral("~"),
            QStringLiteral("!~")};
}

QStringList startingWith(const QStringList &all, const QString &prefix)
{
    QStringList some;
    for (const QString &candidate : all) {
        if (candidate.startsWith(prefix, Qt::CaseInsensitive) && candidate != prefix)
            some.append(candidate);
    }
    return some;
}

} // namespace

FilterCompletion completeFilter(const QString &text, qsizetype cursor)
{
    // The tokens up to the cursor tell what comes next: a field, an operator, or a value.
    FilterLexer lexer(text.left(cursor));
    FilterToken beforeLast;
    FilterToken last;
    FilterToken current;
    for (FilterToken token = lexer.next(); token.kind != Kind::End; token = lexer.next()) {
        beforeLast = last;
        last = current;
        current = token;
    }
    const bool touches = current.kind == Kind::Word && current.at + current.length == cursor;
    if (!touches) {
        beforeLast = last;
        last = current;
    }
    const QString prefix = touches ? current.text : QString();
    FilterCompletion completion{touches ? current.at : cursor, touches ? current.length : 0, {}};
    const auto isOperator = [](const FilterToken &token) {
        return token.kind == Kind::Operator || token.text == QLatin1String("contains");
    };
    if (current.kind == Kind::Unclosed)
        return completion;
    if (isOperator(last) && filterField(beforeLast.text)) {
        completion.candidates = startingWith(valuesOf(beforeLast.text), prefix);
        return completion;
    }
    if (last.kind == Kind::Word && !isOperator(last)) {
        const auto field = filterField(last.text);
        const bool isValue = isOperator(beforeLast);
        if (field && !isValue) {
            completion.candidates = startingWith(operatorsOf(*field), prefix);
            if (!completion.candidates.isEmpty())
                return completion;
        }
    }
    QStringList names;
    for (const FilterField &field : filterFields())
        names.append(field.name);
    completion.candidates = startingWith(names, prefix);
    return completion;
}

} // namespace sallyport::traffic
