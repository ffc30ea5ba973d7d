// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/header_operators.h"

#include "core/result/ascii_case.h"
#include "proxy/telemetry/log_value.h"

namespace sallyport::telemetry {

namespace {

/// A header's name, looked up among the well-known ones once and not for every line.
struct HeaderName
{
    explicit HeaderName(std::string lowerCase)
        : known(http::knownHeader(lowerCase))
        , text(std::move(lowerCase))
    {
    }
    const http::Header *in(const http::HeaderMap &headers) const
    {
        if (known != http::Known::None)
            return headers.find(known);
        return text.empty() ? nullptr : headers.find(text);
    }
    http::Known known;
    std::string text; ///< empty: no name at all
};

Operator headerOperator(const http::HeaderMap *LogContext::*map, const std::string &arguments,
                        std::optional<std::size_t> length)
{
    const std::size_t question = arguments.find('?');
    // A request's Host is its :authority, under either name.
    const auto named = [map](const std::string &name) {
        return map == &LogContext::request && name == "host" ? ":authority" : name;
    };
    const HeaderName first(named(asciiLowered(arguments.substr(0, question))));
    const HeaderName second(
        question == std::string::npos ? std::string() : named(asciiLowered(arguments.substr(question + 1))));
    return [map, first, second, length](const LogContext &context, std::string &) {
        const http::HeaderMap *headers = context.*map;
        if (!headers)
            return LogValue();
        const http::Header *found = first.in(*headers);
        if (!found)
            found = second.in(*headers);
        return found ? text(length ? found->value.substr(0, *length) : found->value) : LogValue();
    };
}

} // namespace

Operator makeHeaderOperator(std::string_view name, const std::string &arguments,
                            std::optional<std::size_t> maxLength)
{
    if (name == "REQ" || name == "REQUEST_HEADER" || name == "STREAM_INFO_REQ")
        return headerOperator(&LogContext::request, arguments, maxLength);
    if (name == "RESP" || name == "RESPONSE_HEADER")
        return headerOperator(&LogContext::response, arguments, maxLength);
    if (name == "TRAILER" || name == "RESPONSE_TRAILER")
        return headerOperator(&LogContext::trailers, arguments, maxLength);
    return nullptr;
}

} // namespace sallyport::telemetry
