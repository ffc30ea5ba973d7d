// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "httpbin/exchange.h"

#include <optional>

namespace sallyport::httpbin {

std::string percentDecode(std::string_view text, bool plusIsSpace);
std::string htmlEscape(std::string_view text);

/// `a=1&b=2` in its order, decoded.
Headers parseForm(std::string_view query);
/// The first value of `name` in the request's query.
std::optional<std::string> queryValue(const Request &request, std::string_view name);
long queryNumber(const Request &request, std::string_view name, long fallback);

/// The request's URL as this server was asked for it, percent-encoded: what redirects lead to.
std::string ownUrl(const Request &request);
/// The URL that the client is told it asked for: scheme by X-Forwarded-Proto where a proxy gave it, letters
/// beyond ASCII as they are.
std::string requestUrl(const Request &request);

} // namespace sallyport::httpbin
