// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/filter_node.h"

#include <algorithm>
#include <charconv>

namespace sallyport::traffic {

namespace {

char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](char c) { return lower(c); });
    return text;
}

/// `needle` is in lower case.
bool containsText(std::string_view text, std::string_view needle)
{
    return std::search(text.begin(), text.end(), needle.begin(), needle.end(),
                       [](char a, char b) { return lower(a) == b; }) != text.end();
}

bool equalText(std::string_view a, std::string_view b, bool caseSensitive)
{
    return caseSensitive
               ? a == b
               : a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view outcomeName(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Passed:
        return "passed";
    case Outcome::Refused:
        return "refused";
    case Outcome::Failed:
        return "failed";
    case Outcome::NotReached:
        break;
    }
    return "";
}

bool compare(double a, FilterOperator op, double b)
{
    switch (op) {
    case FilterOperator::Equal:
        return a == b;
    case FilterOperator::NotEqual:
        return a != b;
    case FilterOperator::Less:
        return a < b;
    case FilterOperator::LessEqual:
        return a <= b;
    case FilterOperator::Greater:
        return a > b;
    case FilterOperator::GreaterEqual:
        return a >= b;
    default:
        return false;
    }
}

bool isOpposite(FilterOperator op)
{
    return op == FilterOperator::NotEqual || op == FilterOperator::NotMatches;
}

struct Group : Filter::Node
{
    std::vector<FilterNodePtr> parts;
    bool all = true;
    bool matches(const FilterSubject &subject) const override
    {
        const auto holds = [&subject](const FilterNodePtr &part) { return part->matches(subject); };
        return all ? std::all_of(parts.begin(), parts.end(), holds)
                   : std::any_of(parts.begin(), parts.end(), holds);
    }
};

struct Negation : Filter::Node
{
    FilterNodePtr part;
    bool matches(const FilterSubject &subject) const override { return !part->matches(subject); }
};

struct FreeText : Filter::Node
{
    std::string needle;
    bool matches(const FilterSubject &subject) const override
    {
        const RequestView &row = subject.request();
        for (const std::string_view text :
             {row.method, row.host, row.path, row.flags, row.details, row.decidedBy, row.decidedAt,
              row.cluster, row.requestId, row.source, row.protocol}) {
            if (containsText(text, needle))
                return true;
        }
        if (containsText(std::to_string(row.status), needle))
            return true;
        for (std::size_t i = 0; i < row.hopCount; ++i) {
            if (containsText(subject.hopProxy(i), needle))
                return true;
        }
        return false;
    }
};

struct StatusClass : Filter::Node
{
    int hundreds = 0;
    FilterOperator op = FilterOperator::Equal;
    bool matches(const FilterSubject &subject) const override
    {
        const int statusClass = subject.request().status / 100;
        return compare(statusClass, op, hundreds);
    }
};

struct Comparison : Filter::Node
{
    FilterField field;
    FilterOperator op = FilterOperator::Equal;
    std::string value;
    std::string lowerValue;
    std::string lineField;
    std::optional<double> number;
    std::shared_ptr<const re2::RE2> expression;

    /// As if the operator were the positive one: `!=` negates the whole.
    bool takes(std::string_view text) const
    {
        switch (op) {
        case FilterOperator::Equal:
        case FilterOperator::NotEqual:
            // The whole name, or its last part: `proxy == sleep`.
            if ((field.id == FilterField::Id::Proxy || field.id == FilterField::Id::Source) &&
                text.size() > value.size() && text.substr(text.size() - value.size()) == value) {
                const char before = text[text.size() - value.size() - 1];
                return before == '/' || before == ':';
            }
            return equalText(text, value, field.caseSensitive);
        case FilterOperator::Contains:
            return containsText(text, lowerValue);
        case FilterOperator::Matches:
        case FilterOperator::NotMatches:
            return re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *expression);
        default: {
            double left = 0;
            const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), left);
            if (number && error == std::errc())
                return compare(left, op, *number);
            return compare(text.compare(value), op, 0);
        }
        }
    }

    /// One of a comma list: `flags == UF` for `URX,UF`.
    bool takesFlag(std::string_view flags) const
    {
        while (op == FilterOperator::Equal || op == FilterOperator::NotEqual) {
            const std::size_t comma = flags.find(',');
            if (takes(flags.substr(0, comma)))
                return true;
            if (comma == std::string_view::npos)
                return false;
            flags.remove_prefix(comma + 1);
        }
        return takes(flags);
    }

    bool holds(const FilterSubject &subject) const
    {
        const RequestView &row = subject.request();
        using Id = FilterField::Id;
        switch (field.id) {
        case Id::Status:
            return takesNumber(row.status);
        case Id::Duration:
            return takesNumber(row.durationMs);
        case Id::Hops:
            return takesNumber(static_cast<double>(row.hopCount));
        case Id::Method:
            return takes(row.method);
        case Id::Host:
            return takes(row.host);
        case Id::Path:
            return takes(row.path);
        case Id::Protocol:
            return takes(row.protocol);
        case Id::Source:
            return takes(row.source);
        case Id::Outcome:
            return takes(outcomeName(row.outcome));
        case Id::Policy:
            return row.details.find("-policy[") != std::string_view::npos && takes(row.decidedBy);
        case Id::Decided:
            return takes(row.decidedBy) ||
                   (!row.decidedAt.empty() &&
                    takes(std::string(row.decidedBy) + " @ " + std::string(row.decidedAt)));
        case Id::Proxy:
            for (std::size_t i = 0; i < row.hopCount; ++i) {
                if (takes(subject.hopProxy(i)))
                    return true;
            }
            return false;
        case Id::Flags:
            return subject.anyLine("response_flags",
                                   [this](std::string_view text) { return takesFlag(text); });
        case Id::Details:
        case Id::Cluster:
        case Id::RequestId:
        case Id::Line:
            return subject.anyLine(lineField, [this](std::string_view text) { return takes(text); });
        }
        return false;
    }

    bool takesNumber(double left) const
    {
        if (number)
            return compare(left, op == FilterOperator::NotEqual ? FilterOperator::Equal : op, *number);
        return takes(QByteArray::number(left, 'g', 15).toStdString());
    }

    bool matches(const FilterSubject &subject) const override { return holds(subject) != isOpposite(op); }
};

} // namespace

FilterNodePtr allOf(std::vector<FilterNodePtr> parts)
{
    if (parts.size() == 1)
        return parts.front();
    auto node = std::make_shared<Group>();
    node->parts = std::move(parts);
    return node;
}

FilterNodePtr anyOf(std::vector<FilterNodePtr> parts)
{
    if (parts.size() == 1)
        return parts.front();
    auto node = std::make_shared<Group>();
    node->parts = std::move(parts);
    node->all = false;
    return node;
}

FilterNodePtr negation(FilterNodePtr part)
{
    auto node = std::make_shared<Negation>();
    node->part = std::move(part);
    return node;
}

FilterNodePtr freeText(const QString &text)
{
    auto node = std::make_shared<FreeText>();
    node->needle = lower(text.toStdString());
    return node;
}

FilterNodePtr statusClass(int hundreds, FilterOperator op)
{
    auto node = std::make_shared<StatusClass>();
    node->hundreds = hundreds;
    node->op = op;
    return node;
}

FilterNodePtr comparison(const FilterField &field, FilterOperator op, const QString &value,
                         std::optional<double> number, std::shared_ptr<const re2::RE2> expression)
{
    auto node = std::make_shared<Comparison>();
    node->field = field;
    node->op = op;
    node->value = value.toStdString();
    node->lowerValue = lower(node->value);
    node->number = number;
    node->expression = std::move(expression);
    switch (field.id) {
    case FilterField::Id::Details:
        node->lineField = "response_code_details";
        break;
    case FilterField::Id::Cluster:
        node->lineField = "upstream_cluster";
        break;
    case FilterField::Id::RequestId:
        node->lineField = "request_id";
        break;
    default:
        node->lineField = field.name.toStdString();
    }
    return node;
}

} // namespace sallyport::traffic
