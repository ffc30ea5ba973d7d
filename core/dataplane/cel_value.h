// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/cel_time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sallyport::dataplane {

/// What a CEL expression works with: null, bool, int, uint, double, string, duration, timestamp, list, or an
/// error, which stands for a whole expression that has no value.
class CelValue
{
public:
    using List = std::vector<CelValue>;
    struct Error
    {
        bool missing = false; ///< an attribute or key that is not there: has() is false
    };

    CelValue() = default;
    CelValue(bool value) // NOLINT(google-explicit-constructor): literals become values
        : m_value(value)
    {
    }
    CelValue(std::int64_t value) // NOLINT(google-explicit-constructor)
        : m_value(value)
    {
    }
    CelValue(std::uint64_t value) // NOLINT(google-explicit-constructor)
        : m_value(value)
    {
    }
    CelValue(double value) // NOLINT(google-explicit-constructor)
        : m_value(value)
    {
    }
    CelValue(std::string value) // NOLINT(google-explicit-constructor)
        : m_value(std::move(value))
    {
    }
    CelValue(CelDuration value) // NOLINT(google-explicit-constructor)
        : m_value(value)
    {
    }
    CelValue(CelTime value) // NOLINT(google-explicit-constructor)
        : m_value(value)
    {
    }
    CelValue(List value) // NOLINT(google-explicit-constructor)
        : m_value(std::move(value))
    {
    }
    static CelValue error() { return CelValue(Error{false}); }
    static CelValue missing() { return CelValue(Error{true}); }

    bool isError() const { return std::holds_alternative<Error>(m_value); }
    bool isMissing() const { return isError() && std::get<Error>(m_value).missing; }
    /// Null if the value is of another type.
    template<typename T>
    const T *as() const
    {
        return std::get_if<T>(&m_value);
    }
    bool isNull() const { return std::holds_alternative<std::monostate>(m_value); }
    bool isNumber() const
    {
        return as<std::int64_t>() != nullptr || as<std::uint64_t>() != nullptr || as<double>() != nullptr;
    }

    /// `==`; values of different types are different, numbers are compared whatever their types.
    bool equals(const CelValue &other) const;
    /// Below 0, 0 or above 0; nothing if the two have no order.
    std::optional<int> compare(const CelValue &other) const;

private:
    explicit CelValue(Error error)
        : m_value(error)
    {
    }

    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string, CelDuration, CelTime,
                 List, Error>
        m_value;
};

} // namespace sallyport::dataplane
