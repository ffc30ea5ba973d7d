// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sallyport::dataplane {

/// A piece of an access-log format: literal text, or a command `%NAME(ARGUMENTS):LENGTH%`.
struct FormatCommand
{
    std::string name; ///< empty: literal text
    std::string text; ///< the literal, or the arguments between the parentheses
    bool hasArguments = false;
    std::optional<std::size_t> maxLength;

    bool isLiteral() const { return name.empty(); }
    bool operator==(const FormatCommand &) const = default;
};

/// Parses a format string with Envoy's grammar and checks its commands
/// (source/common/formatter/substitution_formatter.cc): unknown names, arguments where none belong, missing
/// ones, bad lengths. `%%` is a percent sign.
Result<std::vector<FormatCommand>> parseFormat(std::string_view format);

} // namespace sallyport::dataplane
