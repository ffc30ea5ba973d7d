// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/cel_value.h"

#include <algorithm>
#include <cmath>

namespace sallyport::dataplane {

namespace {

template<typename T>
int order(const T &a, const T &b)
{
    return a < b ? -1 : b < a ? 1 : 0;
}

/// Exact while both fit, by double otherwise: what decides are comparisons of sizes and codes.
std::optional<int> compareNumbers(const CelValue &a, const CelValue &b)
{
    const auto *leftInt = a.as<std::int64_t>();
    const auto *rightInt = b.as<std::int64_t>();
    const auto *leftUint = a.as<std::uint64_t>();
    const auto *rightUint = b.as<std::uint64_t>();
    if (leftInt != nullptr && rightInt != nullptr)
        return order(*leftInt, *rightInt);
    if (leftUint != nullptr && rightUint != nullptr)
        return order(*leftUint, *rightUint);
    if (leftInt != nullptr && rightUint != nullptr)
        return *leftInt < 0 ? -1 : order(static_cast<std::uint64_t>(*leftInt), *rightUint);
    if (leftUint != nullptr && rightInt != nullptr)
        return *rightInt < 0 ? 1 : order(*leftUint, static_cast<std::uint64_t>(*rightInt));
    const auto number = [](const CelValue &value) {
        if (const auto *whole = value.as<std::int64_t>())
            return static_cast<double>(*whole);
        if (const auto *natural = value.as<std::uint64_t>())
            return static_cast<double>(*natural);
        return *value.as<double>();
    };
    const double left = number(a);
    const double right = number(b);
    if (std::isnan(left) || std::isnan(right))
        return std::nullopt;
    return order(left, right);
}

} // namespace

bool CelValue::equals(const CelValue &other) const
{
    if (isNumber() && other.isNumber())
        return compareNumbers(*this, other) == 0;
    if (m_value.index() != other.m_value.index())
        return false;
    if (const auto *text = as<std::string>())
        return *text == *other.as<std::string>();
    if (const auto *truth = as<bool>())
        return *truth == *other.as<bool>();
    if (as<CelDuration>() != nullptr || as<CelTime>() != nullptr)
        return compare(other) == 0;
    if (const auto *list = as<List>()) {
        const List &others = *other.as<List>();
        return std::equal(list->begin(), list->end(), others.begin(), others.end(),
                          [](const CelValue &a, const CelValue &b) { return a.equals(b); });
    }
    return isNull();
}

std::optional<int> CelValue::compare(const CelValue &other) const
{
    if (isNumber() && other.isNumber())
        return compareNumbers(*this, other);
    if (as<std::string>() != nullptr && other.as<std::string>() != nullptr)
        return order(*as<std::string>(), *other.as<std::string>());
    if (as<bool>() != nullptr && other.as<bool>() != nullptr)
        return order(*as<bool>(), *other.as<bool>());
    if (as<CelDuration>() != nullptr && other.as<CelDuration>() != nullptr)
        return order(as<CelDuration>()->length, other.as<CelDuration>()->length);
    if (as<CelTime>() != nullptr && other.as<CelTime>() != nullptr)
        return order(as<CelTime>()->sinceEpoch, other.as<CelTime>()->sinceEpoch);
    return std::nullopt;
}

} // namespace sallyport::dataplane
