// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/http/header_map.h"
#include "proxy/net/address.h"
#include "proxy/telemetry/filter_state.h"

#include <optional>
#include <string>
#include <vector>

namespace sallyport::server {

/// The hash of a request by its route's policies, for ring hash and maglev; none if no policy yields one
/// (source/common/http/hash_policy.cc). A cookie that has to be made is added to `setCookies`, the values of
/// `set-cookie` lines for the answer. `peers` is what a made cookie depends on: both addresses of the
/// connection.
std::optional<std::uint64_t> requestHash(const std::vector<dataplane::HashPolicy> &policies,
                                         const http::HeaderMap &headers, const net::Address &client,
                                         const std::string &peers, const telemetry::FilterState &filterState,
                                         std::vector<std::string> &setCookies);

} // namespace sallyport::server
