// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"

#include <memory>
#include <variant>

namespace sallyport::dataplane {

enum class StringMatchKind { Exact, Prefix, Suffix, Contains, Regex };

/// envoy.type.matcher.v3.StringMatcher
struct StringMatcher
{
    StringMatchKind kind = StringMatchKind::Exact;
    std::string value; ///< the text, or an RE2 expression that must match as a whole
    bool ignoreCase = false;

    bool operator==(const StringMatcher &) const = default;
};

enum class HeaderMatchKind { Present, String, Range };

/// envoy.config.route.v3.HeaderMatcher
struct HeaderMatcher
{
    std::string name;
    HeaderMatchKind kind = HeaderMatchKind::Present;
    bool present = true; ///< Present: `present_match`
    StringMatcher string;
    std::int64_t rangeStart = 0;
    std::int64_t rangeEnd = 0; ///< exclusive
    bool invert = false;
    bool treatMissingAsEmpty = false;

    bool operator==(const HeaderMatcher &) const = default;
};

/// envoy.config.route.v3.QueryParameterMatcher
struct QueryParameterMatcher
{
    std::string name;
    std::optional<StringMatcher> string; ///< none: presence
    bool present = true;

    bool operator==(const QueryParameterMatcher &) const = default;
};

/// envoy.type.matcher.v3.ValueMatcher, as far as filters need it
struct ValueMatcher
{
    enum class Kind { Null, Number, String, Bool, Present, List, Or };
    Kind kind = Kind::Present;
    StringMatcher string;
    double number = 0;
    std::optional<std::pair<double, double>> range; ///< Number: [start, end)
    bool boolean = false;                           ///< Bool, Present
    std::vector<ValueMatcher> nested;               ///< List: one_of (1 element); Or: any

    bool operator==(const ValueMatcher &) const = default;
};

/// envoy.type.matcher.v3.MetadataMatcher
struct MetadataMatcher
{
    std::string filter;
    std::vector<std::string> path;
    ValueMatcher value;
    bool invert = false;

    bool operator==(const MetadataMatcher &) const = default;
};

} // namespace sallyport::dataplane
