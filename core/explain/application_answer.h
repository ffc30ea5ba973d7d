// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace sallyport::explain {

/// What httpbin answers to a request, as far as its paths tell.
struct ApplicationAnswer
{
    int status = 200;
    std::chrono::milliseconds takes{0};
    bool varies = false; ///< the status depends on more than method and path
};

/// `path` with query. The endpoints of httpbin 0.7, which sallyport-httpbin has too.
ApplicationAnswer httpbinAnswer(std::string_view method, std::string_view path, bool hasAuthorization);

} // namespace sallyport::explain
