// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_node.h"

#include <charconv>
#include <re2/re2.h>

#include <cmath>
#include <limits>

namespace sallyport::dataplane {

namespace {

using Kind = CelNode::Kind;

/// `&&` and `||` are decided by either side: an error counts only if the other side does not decide.
CelValue logical(const CelNode &node, const CelAttributes &attributes, bool decisive)
{
    CelValue undecided;
    bool failed = false;
    for (const CelNode::Ptr &child : node.children) {
        CelValue value = evaluateCel(*child, attributes);
        const bool *truth = value.as<bool>();
        if (truth != nullptr && *truth == decisive)
            return CelValue(decisive);
        if (truth == nullptr && !failed) {
            failed = true;
            undecided = value.isError() ? std::move(value) : CelValue::error();
        }
    }
    return failed ? undecided : CelValue(!decisive);
}

CelValue index(const CelNode &node, const CelAttributes &attributes)
{
    CelValue key = evaluateCel(*node.children[1], attributes);
    if (key.isError())
        return key;
    const CelNode &of = *node.children[0];
    if (of.kind == Kind::Attribute && isCelMap(of.attribute)) {
        const auto *name = key.as<std::string>();
        if (name == nullptr)
            return CelValue::error();
        std::optional<std::string> value = attributes.entry(of.attribute, *name);
        return value ? CelValue(std::move(*value)) : CelValue::missing();
    }
    const CelValue list = evaluateCel(of, attributes);
    const auto *items = list.as<CelValue::List>();
    const auto *position = key.as<std::int64_t>();
    if (items == nullptr || position == nullptr || *position < 0 ||
        static_cast<std::size_t>(*position) >= items->size())
        return list.isError() ? list : CelValue::error();
    return (*items)[static_cast<std::size_t>(*position)];
}

CelValue isIn(const CelNode &node, const CelAttributes &attributes)
{
    CelValue item = evaluateCel(*node.children[0], attributes);
    if (item.isError())
        return item;
    const CelNode &of = *node.children[1];
    if (of.kind == Kind::Attribute && isCelMap(of.attribute)) {
        const auto *name = item.as<std::string>();
        return name == nullptr ? CelValue::error()
                               : CelValue(attributes.entry(of.attribute, *name).has_value());
    }
    const CelValue list = evaluateCel(of, attributes);
    const auto *items = list.as<CelValue::List>();
    if (items == nullptr)
        return list.isError() ? list : CelValue::error();
    for (const CelValue &each : *items) {
        if (each.equals(item))
            return CelValue(true);
    }
    return CelValue(false);
}

template<typename T>
CelValue wholeArithmetic(Kind kind, T a, T b)
{
    T result = 0;
    bool overflow = false;
    switch (kind) {
    case Kind::Add:
        overflow = __builtin_add_overflow(a, b, &result);
        break;
    case Kind::Subtract:
        overflow = __builtin_sub_overflow(a, b, &result);
        break;
    case Kind::Multiply:
        overflow = __builtin_mul_overflow(a, b, &result);
        break;
    default:
        if (b == 0 || (std::numeric_limits<T>::is_signed && b == static_cast<T>(-1) &&
                       a == std::numeric_limits<T>::min()))
            return CelValue::error();
        result = kind == Kind::Divide ? a / b : a % b;
        break;
    }
    return overflow ? CelValue::error() : CelValue(result);
}

/// Sums and differences of points and lengths of time; an error for all else.
CelValue timeArithmetic(Kind kind, const CelValue &a, const CelValue &b)
{
    if (kind != Kind::Add && kind != Kind::Subtract)
        return CelValue::error();
    const auto combine = [kind](std::chrono::nanoseconds left, std::chrono::nanoseconds right) {
        const CelValue sum = wholeArithmetic(kind, static_cast<std::int64_t>(left.count()),
                                             static_cast<std::int64_t>(right.count()));
        const auto *count = sum.as<std::int64_t>();
        return count == nullptr ? std::nullopt : std::optional(std::chrono::nanoseconds(*count));
    };
    const auto *leftTime = a.as<CelTime>();
    const auto *rightTime = b.as<CelTime>();
    const auto *leftLength = a.as<CelDuration>();
    const auto *rightLength = b.as<CelDuration>();
    std::optional<std::chrono::nanoseconds> result;
    if (leftLength != nullptr && rightLength != nullptr) {
        result = combine(leftLength->length, rightLength->length);
        return result ? CelValue(CelDuration{*result}) : CelValue::error();
    }
    if (leftTime != nullptr && rightTime != nullptr && kind == Kind::Subtract) {
        result = combine(leftTime->sinceEpoch, rightTime->sinceEpoch);
        return result ? CelValue(CelDuration{*result}) : CelValue::error();
    }
    if (leftTime != nullptr && rightLength != nullptr)
        result = combine(leftTime->sinceEpoch, rightLength->length);
    else if (leftLength != nullptr && rightTime != nullptr && kind == Kind::Add)
        result = combine(leftLength->length, rightTime->sinceEpoch);
    return result ? CelValue(CelTime{*result}) : CelValue::error();
}

/// Both sides have the same type; nothing is converted.
CelValue arithmetic(Kind kind, const CelValue &a, const CelValue &b)
{
    if (a.as<CelTime>() != nullptr || a.as<CelDuration>() != nullptr)
        return timeArithmetic(kind, a, b);
    if (a.as<std::int64_t>() != nullptr && b.as<std::int64_t>() != nullptr)
        return wholeArithmetic(kind, *a.as<std::int64_t>(), *b.as<std::int64_t>());
    if (a.as<std::uint64_t>() != nullptr && b.as<std::uint64_t>() != nullptr)
        return wholeArithmetic(kind, *a.as<std::uint64_t>(), *b.as<std::uint64_t>());
    const auto *left = a.as<double>();
    const auto *right = b.as<double>();
    if (left == nullptr || right == nullptr || kind == Kind::Modulo)
        return CelValue::error();
    switch (kind) {
    case Kind::Add:
        return CelValue(*left + *right);
    case Kind::Subtract:
        return CelValue(*left - *right);
    case Kind::Multiply:
        return CelValue(*left * *right);
    default:
        return CelValue(*left / *right);
    }
}

CelValue comparison(Kind kind, const CelValue &a, const CelValue &b)
{
    const std::optional<int> order = a.compare(b);
    if (!order)
        // Numbers without an order are NaN: every comparison is false.
        return a.isNumber() && b.isNumber() ? CelValue(false) : CelValue::error();
    switch (kind) {
    case Kind::Less:
        return CelValue(*order < 0);
    case Kind::LessOrEqual:
        return CelValue(*order <= 0);
    case Kind::Greater:
        return CelValue(*order > 0);
    default:
        return CelValue(*order >= 0);
    }
}

/// Unicode characters, as CEL counts them.
std::int64_t characters(const std::string &text)
{
    std::int64_t count = 0;
    for (const char c : text)
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

CelValue textFunction(const CelNode &node, const CelValue &a, const CelValue &b)
{
    const auto *text = a.as<std::string>();
    const auto *part = b.as<std::string>();
    if (text == nullptr || part == nullptr)
        return CelValue::error();
    switch (node.kind) {
    case Kind::StartsWith:
        return CelValue(text->starts_with(*part));
    case Kind::EndsWith:
        return CelValue(text->ends_with(*part));
    case Kind::Contains:
        return CelValue(text->find(*part) != std::string::npos);
    default:
        break;
    }
    if (node.pattern)
        return CelValue(re2::RE2::PartialMatch(*text, *node.pattern));
    const re2::RE2 pattern(*part, re2::RE2::Quiet);
    return pattern.ok() ? CelValue(re2::RE2::PartialMatch(*text, pattern)) : CelValue::error();
}

CelValue timeConversion(Kind kind, const CelValue &value)
{
    const auto *text = value.as<std::string>();
    if (kind == Kind::ToDuration) {
        if (value.as<CelDuration>() != nullptr)
            return value;
        const auto length = text != nullptr ? parseCelDuration(*text) : std::nullopt;
        return length ? CelValue(*length) : CelValue::error();
    }
    if (value.as<CelTime>() != nullptr)
        return value;
    const auto time = text != nullptr ? parseCelTime(*text) : std::nullopt;
    return time ? CelValue(*time) : CelValue::error();
}

CelValue timePart(CelTimePart part, const CelValue &value)
{
    if (const auto *time = value.as<CelTime>())
        return CelValue(celTimePart(*time, part));
    const auto *length = value.as<CelDuration>();
    const auto number = length != nullptr ? celTimePart(*length, part) : std::nullopt;
    return number ? CelValue(*number) : CelValue::error();
}

/// A text that is a number and nothing else.
template<typename Number>
CelValue numberIn(const std::string &text)
{
    Number number{};
    const char *last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, number);
    return error == std::errc() && end == last ? CelValue(number) : CelValue::error();
}

CelValue conversion(Kind kind, const CelValue &value)
{
    if (const auto *text = value.as<std::string>())
        return kind == Kind::ToInt      ? numberIn<std::int64_t>(*text)
               : kind == Kind::ToDouble ? numberIn<double>(*text)
                                        : numberIn<std::uint64_t>(*text);
    // int() of a point in time are its whole seconds.
    if (const auto *time = value.as<CelTime>(); time != nullptr && kind == Kind::ToInt)
        return CelValue(
            static_cast<std::int64_t>(std::chrono::floor<std::chrono::seconds>(time->sinceEpoch).count()));
    const auto *whole = value.as<std::int64_t>();
    const auto *natural = value.as<std::uint64_t>();
    const auto *real = value.as<double>();
    if (whole == nullptr && natural == nullptr && real == nullptr)
        return CelValue::error();
    if (kind == Kind::ToDouble)
        return CelValue(whole != nullptr     ? static_cast<double>(*whole)
                        : natural != nullptr ? static_cast<double>(*natural)
                                             : *real);
    constexpr double wholeBound = 9223372036854775808.0;
    constexpr double naturalBound = 18446744073709551616.0;
    if (kind == Kind::ToInt) {
        if (whole != nullptr)
            return value;
        if (natural != nullptr)
            return *natural <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                       ? CelValue(static_cast<std::int64_t>(*natural))
                       : CelValue::error();
        return *real > -wholeBound && *real < wholeBound ? CelValue(static_cast<std::int64_t>(*real))
                                                         : CelValue::error();
    }
    if (natural != nullptr)
        return value;
    if (whole != nullptr)
        return *whole >= 0 ? CelValue(static_cast<std::uint64_t>(*whole)) : CelValue::error();
    return *real > -1 && *real < naturalBound ? CelValue(static_cast<std::uint64_t>(*real))
                                              : CelValue::error();
}

CelValue unaryResult(const CelNode &node, const CelValue &value)
{
    const Kind kind = node.kind;
    switch (kind) {
    case Kind::ToDuration:
    case Kind::ToTime:
        return timeConversion(kind, value);
    case Kind::TimePart:
        return timePart(node.part, value);
    case Kind::Not:
        return value.as<bool>() != nullptr ? CelValue(!*value.as<bool>()) : CelValue::error();
    case Kind::Negate:
        if (const auto *whole = value.as<std::int64_t>())
            return wholeArithmetic(Kind::Subtract, std::int64_t{0}, *whole);
        return value.as<double>() != nullptr ? CelValue(-*value.as<double>()) : CelValue::error();
    case Kind::Size:
        if (const auto *text = value.as<std::string>())
            return CelValue(characters(*text));
        if (const auto *list = value.as<CelValue::List>())
            return CelValue(static_cast<std::int64_t>(list->size()));
        return CelValue::error();
    default:
        return conversion(kind, value);
    }
}

CelValue binaryResult(const CelNode &node, const CelValue &a, const CelValue &b)
{
    switch (node.kind) {
    case Kind::Equal:
        return CelValue(a.equals(b));
    case Kind::NotEqual:
        return CelValue(!a.equals(b));
    case Kind::Less:
    case Kind::LessOrEqual:
    case Kind::Greater:
    case Kind::GreaterOrEqual:
        return comparison(node.kind, a, b);
    case Kind::Add:
    case Kind::Subtract:
    case Kind::Multiply:
    case Kind::Divide:
    case Kind::Modulo:
        return arithmetic(node.kind, a, b);
    default:
        return textFunction(node, a, b);
    }
}

} // namespace

CelValue evaluateCel(const CelNode &node, const CelAttributes &attributes)
{
    switch (node.kind) {
    case Kind::Literal:
        return node.literal;
    case Kind::Attribute:
        return isCelMap(node.attribute) ? CelValue::error() : attributes.value(node.attribute);
    case Kind::List: {
        CelValue::List list;
        for (const CelNode::Ptr &child : node.children) {
            list.push_back(evaluateCel(*child, attributes));
            if (list.back().isError())
                return list.back();
        }
        return CelValue(std::move(list));
    }
    case Kind::And:
        return logical(node, attributes, false);
    case Kind::Or:
        return logical(node, attributes, true);
    case Kind::Index:
        return index(node, attributes);
    case Kind::In:
        return isIn(node, attributes);
    case Kind::Has: {
        const CelNode &of = *node.children[0];
        if (of.kind == Kind::Attribute && isCelMap(of.attribute))
            return CelValue(true);
        const CelValue value = evaluateCel(of, attributes);
        return value.isError() && !value.isMissing() ? value : CelValue(!value.isMissing());
    }
    case Kind::Choice: {
        const CelValue condition = evaluateCel(*node.children[0], attributes);
        if (condition.as<bool>() == nullptr)
            return condition.isError() ? condition : CelValue::error();
        return evaluateCel(*node.children[*condition.as<bool>() ? 1 : 2], attributes);
    }
    default:
        break;
    }
    CelValue first = evaluateCel(*node.children[0], attributes);
    if (first.isError())
        return first;
    if (node.children.size() == 1)
        return unaryResult(node, first);
    const CelValue second = evaluateCel(*node.children[1], attributes);
    return second.isError() ? second : binaryResult(node, first, second);
}

} // namespace sallyport::dataplane
