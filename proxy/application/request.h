// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::application {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One HTTP/1.1 request, sent as curl would send it.
struct Request
{
    std::string method = "GET";
    std::string host; ///< of the URL, where to connect
    int port = 80;
    std::string target = "/"; ///< path and query exactly as written; a fragment is never sent
    Headers headers;          ///< what the person asked for, see withHeader()
    std::optional<std::string> body;

    /// One `-H` of curl: `Name: value` adds or replaces, `Name:` leaves a header of curl's out, `Name;` sends
    /// it without a value.
    Result<void> withHeader(std::string_view line);

    /// The bytes on the wire.
    std::string bytes() const;

private:
    std::vector<std::string> m_omitted; ///< lower case
};

/// `GET http://test.com/status/418`, or an URL alone. Only http: applications that speak TLS themselves are
/// curl's job, by the workload's forward proxy.
Result<Request> parseRequest(std::string_view text);

} // namespace sallyport::application
