// SPDX-License-Identifier: GPL-3.0-or-later
// What a request asked for: its path, its query, one parameter of that (measured, 1.40).
#include "proxy/telemetry/path_operators.h"

#include "proxy/telemetry/log_value.h"

#include <algorithm>

namespace sallyport::telemetry {

namespace {

using Context = const LogContext &;

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The byte that `%XX` at `at` stands for; none if no such sequence is there.
std::optional<char> escapedByte(std::string_view value, std::size_t at)
{
    if (at + 2 >= value.size())
        return std::nullopt;
    const int high = hexDigit(value[at + 1]);
    const int low = hexDigit(value[at + 2]);
    return high < 0 || low < 0 ? std::nullopt : std::optional<char>(static_cast<char>(high * 16 + low));
}

/// One parameter's name or value: every sequence is decoded, what is none stays.
std::string decoded(std::string_view value)
{
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const std::optional<char> byte = value[i] == '%' ? escapedByte(value, i) : std::nullopt;
        out += byte.value_or(value[i]);
        i += byte ? 2 : 0;
    }
    return out;
}

/// A query as a whole: only what may stand in one is decoded; a percent sign before anything else goes.
std::string decodedQuery(std::string_view query)
{
    constexpr std::string_view escaped = "\"<>\\^{|}";
    std::string out;
    for (std::size_t i = 0; i < query.size(); ++i) {
        if (query[i] != '%' || i + 2 >= query.size()) {
            out += query[i];
            continue;
        }
        const std::optional<char> byte = escapedByte(query, i);
        if (!byte)
            continue;
        if (*byte > ' ' && *byte < 0x7F && escaped.find(*byte) == std::string_view::npos)
            out += *byte;
        else
            out += query.substr(i, 3);
        i += 2;
    }
    return out;
}

std::optional<std::string_view> queryOf(Context context)
{
    const std::string_view path =
        context.request ? context.request->get(http::Known::Path) : std::string_view();
    const std::size_t question = path.find('?');
    return question == std::string_view::npos ? std::nullopt
                                              : std::optional<std::string_view>(path.substr(question + 1));
}

Operator queryParameter(const std::string &parameter, std::optional<std::size_t> length)
{
    return [parameter, length](Context context, std::string &scratch) {
        std::string_view query = queryOf(context).value_or(std::string_view());
        while (!query.empty()) {
            const std::string_view pair = query.substr(0, query.find('&'));
            query.remove_prefix(std::min(pair.size() + 1, query.size()));
            const std::size_t equals = std::min(pair.find('='), pair.size());
            if (decoded(pair.substr(0, equals)) != parameter)
                continue;
            scratch = decoded(pair.substr(std::min(equals + 1, pair.size())));
            return text(cut(scratch, length));
        }
        return null();
    };
}

Operator query(bool decode, std::optional<std::size_t> length)
{
    return [decode, length](Context context, std::string &scratch) {
        const std::optional<std::string_view> query = queryOf(context);
        if (!query)
            return null();
        if (!decode)
            return text(cut(*query, length));
        scratch = decodedQuery(*query);
        return text(cut(scratch, length));
    };
}

Operator path(const std::string &arguments, std::optional<std::size_t> length)
{
    const bool withoutQuery = arguments.starts_with("NQ");
    const bool original = arguments.ends_with(":ORIG");
    const bool current = arguments.ends_with(":PATH");
    return [=](Context context, std::string &) {
        if (!context.request)
            return null();
        const http::Header *path = current ? nullptr : context.request->find(http::Known::EnvoyOriginalPath);
        if ((!path || path->value.empty()) && !original)
            path = context.request->find(http::Known::Path);
        if (!path)
            return null();
        return text(cut(withoutQuery ? path->value.substr(0, path->value.find('?')) : path->value, length));
    };
}

} // namespace

Operator makePathOperator(std::string_view name, const std::string &arguments,
                          std::optional<std::size_t> maxLength)
{
    if (name == "QUERY_PARAM")
        return queryParameter(arguments, maxLength);
    if (name == "QUERY_PARAMS")
        return query(arguments == "DECODED", maxLength);
    if (name == "PATH")
        return path(arguments, maxLength);
    return {};
}

} // namespace sallyport::telemetry
