// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/network_view.h"
#include "proxy/application/request.h"

#include <chrono>

namespace sallyport::application {

/// What the application got. `status` is 0 when the connection ended without an answer; `error` then says so.
struct Answer
{
    int status = 0;
    Headers headers; ///< in order, as on the wire, addresses written as the mesh's
    std::string body;
    std::string error;
};

/// Sends one request as the application of `instance`: resolves the host, goes into the sidecar with the
/// original destination or straight to the server, reads the answer and closes. Blocks; call it off the GUI
/// thread. An Error says that nothing could be sent (the name does not resolve, the lab is gone); what the
/// mesh did to the connection is part of the Answer.
Result<Answer> send(const lab::NetworkView &network, const lab::Instance &instance, const Request &request,
                    std::chrono::milliseconds limit = std::chrono::seconds(30));

} // namespace sallyport::application
