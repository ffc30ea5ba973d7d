// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "core/model/virtual_service.h"

namespace sallyport::compile {

/// Istio's retry policy of a route (istio:pilot/pkg/networking/core/route/retry): its defaults where the
/// VirtualService and the mesh say nothing, none for `attempts: 0`. With consistent hashing the previous host
/// is tried again.
std::optional<dataplane::RetryPolicy> retryPolicy(const std::optional<model::HttpRetry> &own,
                                                  const std::optional<model::HttpRetry> &meshDefault,
                                                  bool consistentHash);

/// Of a sidecar toward its application.
std::optional<dataplane::RetryPolicy> inboundRetryPolicy(const std::optional<model::HttpRetry> &meshDefault);

/// Words and status codes of `retryOn`; numbers that are assigned HTTP statuses become codes.
struct RetryConditions
{
    std::string words;
    std::vector<std::uint32_t> statusCodes;
};
RetryConditions parseRetryOn(const std::string &retryOn);

} // namespace sallyport::compile
