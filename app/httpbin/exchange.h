// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sallyport::httpbin {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request as an endpoint sees it.
struct Request
{
    std::string method;
    std::string target; ///< as it came: path and query
    std::string path;   ///< percent-decoded, without the query
    std::string query;  ///< raw, without `?`
    Headers headers;    ///< names in the case they came in
    std::string body;
    std::string remoteAddress;
    bool tls = false;

    /// The value of a header, names compared without case; several fields joined by commas; empty if there is
    /// none.
    std::string header(std::string_view name) const;
    bool hasHeader(std::string_view name) const;
};

/// A piece of a streamed body, sent `delay` after the one before.
struct BodyPart
{
    std::chrono::milliseconds delay{0};
    std::string bytes;
};

/// What an endpoint answers. Headers are sent in this order, after Server, Date and Connection.
struct Answer
{
    int status = 200;
    Headers headers;
    std::string body;
    std::vector<BodyPart> parts;        ///< when not empty, instead of `body`
    bool chunked = false;               ///< `parts` go out chunked; else their sum is the Content-Length
    std::chrono::milliseconds delay{0}; ///< before the answer begins

    void add(std::string name, std::string value) { headers.emplace_back(std::move(name), std::move(value)); }
};

/// A body with Content-Type and Content-Length up front, as a web framework writes it.
Answer documentAnswer(int status, std::string contentType, std::string body);
/// An HTML page that says what went wrong: `404 Not Found` and a sentence.
Answer errorAnswer(int status);

bool equalsIgnoringCase(std::string_view a, std::string_view b);
/// `Not Found` for 404; empty for unknown codes.
std::string_view reasonPhrase(int status);

} // namespace sallyport::httpbin
