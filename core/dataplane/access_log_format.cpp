// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/access_log_format.h"

#include <algorithm>
#include <charconv>

namespace sallyport::dataplane {

namespace {

bool isNameChar(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

Error badCommand(std::string_view format, std::size_t position)
{
    return {"Incorrect configuration: " + std::string(format) + ". Couldn't find valid command at position " +
                std::to_string(position),
            {},
            {}};
}

/// `:10` at `at`, if it is there; false: a colon without a number.
bool readLength(std::string_view format, std::size_t &at, FormatCommand &command)
{
    command.maxLength.reset();
    if (at >= format.size() || format[at] != ':')
        return true;
    std::size_t length = 0;
    const char *last = format.data() + format.size();
    const auto [end, error] = std::from_chars(format.data() + at + 1, last, length);
    if (error != std::errc())
        return false;
    command.maxLength = length;
    at = static_cast<std::size_t>(end - format.data());
    return true;
}

/// What stands between a command's name at `at` and its `%`. Arguments end at the first `)` that the command
/// can end behind, on the same line: `%CEL(size(request.path))%`.
bool readArguments(std::string_view format, std::size_t &at, FormatCommand &command)
{
    if (at >= format.size() || format[at] != '(')
        return readLength(format, at, command);
    const std::size_t first = at + 1;
    const std::size_t line = std::min(format.find('\n', first), format.size());
    for (std::size_t close = format.find(')', first); close < line; close = format.find(')', close + 1)) {
        std::size_t end = close + 1;
        if (!readLength(format, end, command) || end >= format.size() || format[end] != '%')
            continue;
        command.hasArguments = true;
        command.text = std::string(format.substr(first, close - first));
        at = end;
        return true;
    }
    return false;
}

} // namespace

Result<std::vector<FormatCommand>> parseFormat(std::string_view format)
{
    std::vector<FormatCommand> commands;
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty())
            commands.push_back({{}, std::move(literal), false, {}});
        literal.clear();
    };
    for (std::size_t i = 0; i < format.size();) {
        if (format[i] != '%') {
            literal += format[i++];
            continue;
        }
        if (i + 1 < format.size() && format[i + 1] == '%') {
            literal += '%';
            i += 2;
            continue;
        }
        const std::size_t start = i++;
        FormatCommand command;
        while (i < format.size() && isNameChar(format[i]))
            command.name += format[i++];
        if (!readArguments(format, i, command))
            return fail(badCommand(format, start));
        if (command.name.empty() || i >= format.size() || format[i] != '%')
            return fail(badCommand(format, start));
        ++i;
        if (Result<void> good = checkFormatCommand(command); !good)
            return fail(good.error());
        flush();
        commands.push_back(std::move(command));
    }
    flush();
    return commands;
}

} // namespace sallyport::dataplane
