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

/// Whether there is such a command, and it can have these arguments and this length.
Result<void> checkFormatCommand(const FormatCommand &command);

/// What `%COALESCE({"operators": […]})%` chooses from: commands by name, or as objects with `command`,
/// `param` and `max_length`. `json` is what stands between the parentheses.
Result<std::vector<FormatCommand>> coalescedCommands(std::string_view json);

} // namespace sallyport::dataplane
