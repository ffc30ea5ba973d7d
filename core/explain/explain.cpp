// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/explain.h"

#include "core/explain/walk.h"

#include <algorithm>

namespace sallyport::explain {

Result<Explanation> explain(const Scene &scene, const Request &request)
{
    return Walk(scene, request).run();
}

Result<Request> parseRequest(const std::string &text)
{
    Request request;
    const std::size_t first = text.find_first_not_of(' ');
    const std::size_t last = text.find_last_not_of(' ');
    if (first == std::string::npos)
        return fail("there is no request", {}, "write it as GET http://test.com/status/418");
    const std::string line = text.substr(first, last - first + 1);
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) {
        request.url = line;
        return request;
    }
    request.method = line.substr(0, space);
    request.url = line.substr(line.find_first_not_of(' ', space));
    if (request.url.find(' ') != std::string::npos)
        return fail("a request is a method and an URL", {}, "write it as GET http://test.com/status/418");
    return request;
}

} // namespace sallyport::explain
