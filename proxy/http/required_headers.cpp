// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/required_headers.h"

#include "proxy/http/http1_syntax.h"

namespace sallyport::http {

std::string unsendableBecause(const HeaderMap &request)
{
    const bool connect = request.get(Known::Method) == "CONNECT";
    const std::string missing = "missing required header: ";
    if (!request.has(Known::Method))
        return missing + ":method";
    if (!connect && !request.has(Known::Path))
        return missing + ":path";
    if (connect && !request.has(Known::Authority))
        return missing + ":authority";
    for (const Header &header : request) {
        if (!isSafeValue(header.value))
            return "invalid header value for: " + std::string(header.name);
    }
    return missing + (request.get(Known::Method).empty() ? ":method" : connect ? ":authority" : ":path");
}

} // namespace sallyport::http
