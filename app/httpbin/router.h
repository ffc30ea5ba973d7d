// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "httpbin/exchange.h"

namespace sallyport::httpbin {

/// Finds the endpoint for a request and runs it, with the CORS headers that httpbin gives to every answer.
/// Thread-safe.
Answer answerRequest(const Request &request);

} // namespace sallyport::httpbin
