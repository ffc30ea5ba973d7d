// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter.h"

#include "ui/traffic/filter_node.h"
#include "ui/traffic/filter_token.h"

#include <QCoreApplication>

namespace sallyport::traffic {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Filter)
};

using Kind = FilterToken::Kind;
using Parsed = tl::expected<FilterNodePtr, FilterError>;

/// Parentheses within parentheses: more are no filter that a person wrote.
constexpr int maximumDepth = 100;

tl::unexpected<FilterError> failAt(const FilterToken &token, const QString &message)
{
    return tl::make_unexpected(FilterError{token.at, token.length, message});
}

std::optional<FilterOperator> operatorOf(const FilterToken &token)
{
    static constexpr std::pair<const char *, FilterOperator> operators[] = {
        {"==", FilterOperator::Equal},         {"!=", FilterOperator::NotEqual},
        {"<", FilterOperator::Less},           {"<=", FilterOperator::LessEqual},
        {">", FilterOperator::Greater},        {">=", FilterOperator::GreaterEqual},
        {"~", FilterOperator::Matches},        {"!~", FilterOperator::NotMatches},
        {"contains", FilterOperator::Contains}};
    if (token.kind != Kind::Operator && token.kind != Kind::Word)
        return std::nullopt;
    for (const auto &[text, op] : operators) {
        if (token.text.compare(QLatin1String(text), Qt::CaseInsensitive) == 0)
            return op;
    }
    return std::nullopt;
}

class Parser
{
public:
    explicit Parser(const QString &text)
        : m_lexer(text)
        , m_token(m_lexer.next())
        , m_after(m_lexer.next())
    {
    }

    Parsed parse()
    {
        Parsed node = disjunction();
        if (!node)
            return node;
        switch (m_token.kind) {
        case Kind::End:
            return node;
        case Kind::Close:
            return failAt(m_token, Words::tr("There is no opening parenthesis for this one."));
        default:
            return unexpected();
        }
    }

private:
    void advance()
    {
        m_token = m_after;
        m_after = m_lexer.next();
    }

    tl::unexpected<FilterError> unexpected() const
    {
        switch (m_token.kind) {
        case Kind::End:
            return failAt(m_token, Words::tr("A condition is missing at the end."));
        case Kind::Unclosed:
            return failAt(m_token, Words::tr("The closing quote is missing."));
        case Kind::Operator:
            return failAt(m_token,
                          Words::tr("Before `%1` a field is missing. Put a value that contains it in quotes.")
                              .arg(m_token.text));
        default:
            return failAt(m_token, Words::tr("A condition is missing before this."));
        }
    }

    Parsed disjunction()
    {
        std::vector<FilterNodePtr> parts;
        while (true) {
            Parsed part = conjunction();
            if (!part)
                return part;
            parts.push_back(*part);
            if (m_token.kind != Kind::Or)
                return anyOf(std::move(parts));
            advance();
        }
    }

    Parsed conjunction()
    {
        std::vector<FilterNodePtr> parts;
        while (true) {
            Parsed part = negated();
            if (!part)
                return part;
            parts.push_back(*part);
            if (m_token.kind == Kind::And)
                advance();
            else if (m_token.kind == Kind::Or || m_token.kind == Kind::Close || m_token.kind == Kind::End)
                return allOf(std::move(parts));
        }
    }

    Parsed negated()
    {
        if (++m_depth > maximumDepth)
            return failAt(m_token, Words::tr("Too many conditions within each other."));
        Parsed node = m_token.kind == Kind::Not ? afterNot() : primary();
        --m_depth;
        return node;
    }

    Parsed afterNot()
    {
        advance();
        Parsed part = negated();
        if (!part)
            return part;
        return negation(*part);
    }

    Parsed primary()
    {
        if (m_token.kind == Kind::Open) {
            const FilterToken open = m_token;
            advance();
            Parsed inner = disjunction();
            if (!inner)
                return inner;
            if (m_token.kind != Kind::Close)
                return failAt(open, Words::tr("The closing parenthesis is missing."));
            advance();
            return inner;
        }
        if (m_token.kind != Kind::Word && m_token.kind != Kind::Quoted)
            return unexpected();
        const FilterToken first = m_token;
        if (first.kind == Kind::Word) {
            if (m_after.kind == Kind::Operator && m_after.text == QLatin1String("="))
                return failAt(m_after, Words::tr("Write == to compare."));
            if (const auto op = operatorOf(m_after))
                return compared(first, *op);
        }
        advance();
        if (first.text.isEmpty())
            return failAt(first, Words::tr("There is nothing between the quotes."));
        return freeText(first.text);
    }

    Parsed compared(const FilterToken &name, FilterOperator op)
    {
        const auto field = filterField(name.text);
        if (!field) {
            const QString nearest = nearestFilterField(name.text);
            return failAt(
                name, nearest.isEmpty()
                          ? Words::tr("There is no field `%1`. Ctrl+Space lists the fields.").arg(name.text)
                          : Words::tr("There is no field `%1`. Is `%2` meant?").arg(name.text, nearest));
        }
        advance();
        const FilterToken sign = m_token;
        advance();
        const FilterToken value = m_token;
        if (value.kind == Kind::Unclosed)
            return failAt(value, Words::tr("The closing quote is missing."));
        if (value.kind != Kind::Word && value.kind != Kind::Quoted)
            return failAt(value.kind == Kind::End ? sign : value,
                          Words::tr("After `%1 %2` a value is missing.").arg(field->name, sign.text));
        advance();
        return withValue(*field, op, sign, value);
    }

    static Parsed withValue(const FilterField &field, FilterOperator op, const FilterToken &sign,
                            const FilterToken &value)
    {
        if (op == FilterOperator::Matches || op == FilterOperator::NotMatches) {
            re2::RE2::Options options;
            options.set_log_errors(false);
            auto expression = std::make_shared<re2::RE2>(value.text.toStdString(), options);
            if (!expression->ok())
                return failAt(value, Words::tr("This is no regular expression: %1.")
                                         .arg(QString::fromStdString(expression->error())));
            return comparison(field, op, value.text, std::nullopt, std::move(expression));
        }
        if (op == FilterOperator::Contains)
            return comparison(field, op, value.text, std::nullopt, nullptr);
        if (field.id == FilterField::Id::Status && value.text.size() == 3 &&
            value.text.endsWith(QLatin1String("xx"), Qt::CaseInsensitive) && value.text[0].isDigit())
            return statusClass(value.text[0].digitValue(), op);
        QString text = value.text;
        if (field.id == FilterField::Id::Duration && text.endsWith(QLatin1String("ms")))
            text.chop(2);
        bool isNumber = false;
        const double number = text.toDouble(&isNumber);
        if (field.numeric && !isNumber)
            return failAt(value, Words::tr("`%1` is a number: compare it with one.").arg(field.name));
        const bool ordered = op != FilterOperator::Equal && op != FilterOperator::NotEqual;
        if (!field.numeric && ordered && field.id != FilterField::Id::Line)
            return failAt(
                sign, Words::tr("`%1` is a text: compare it with ==, !=, contains or ~.").arg(field.name));
        return comparison(field, op, text, isNumber ? std::optional(number) : std::nullopt, nullptr);
    }

    FilterLexer m_lexer;
    FilterToken m_token;
    FilterToken m_after;
    int m_depth = 0;
};

} // namespace

tl::expected<Filter, FilterError> Filter::parse(const QString &text)
{
    Filter filter;
    if (text.trimmed().isEmpty())
        return filter;
    Parsed root = Parser(text).parse();
    if (!root)
        return tl::make_unexpected(root.error());
    filter.m_root = *root;
    return filter;
}

bool Filter::matches(const FilterSubject &subject) const
{
    return !m_root || m_root->matches(subject);
}

} // namespace sallyport::traffic
