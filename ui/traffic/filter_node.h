// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/filter.h"
#include "ui/traffic/filter_field.h"

#include <re2/re2.h>
#include <string>
#include <vector>

namespace sallyport::traffic {

/// A condition of a filter.
struct Filter::Node
{
    virtual ~Node() = default;
    virtual bool matches(const FilterSubject &subject) const = 0;
};

using FilterNodePtr = std::shared_ptr<const Filter::Node>;

/// How a field is compared.
enum class FilterOperator {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Contains,
    Matches,
    NotMatches
};

/// All of them, or one of them.
FilterNodePtr allOf(std::vector<FilterNodePtr> parts);
FilterNodePtr anyOf(std::vector<FilterNodePtr> parts);
FilterNodePtr negation(FilterNodePtr part);
/// Anything that a row shows contains `text`, whatever the case.
FilterNodePtr freeText(const QString &text);
/// `expression` is compiled already if the operator needs one; `number` if both sides are numbers.
FilterNodePtr comparison(const FilterField &field, FilterOperator op, const QString &value,
                         std::optional<double> number, std::shared_ptr<const re2::RE2> expression);
/// `status == 4xx`
FilterNodePtr statusClass(int hundreds, FilterOperator op);

} // namespace sallyport::traffic
