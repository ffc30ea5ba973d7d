// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "core/model/virtual_service.h"

namespace sallyport::compile {

/// Istio's percentages have four decimals: millionths in Envoy.
dataplane::FractionalPercent fractionalPercent(double percent);

/// A route's fault and CORS policy for the filters that carry them out.
dataplane::Fault faultOf(const model::HttpFault &fault);
dataplane::CorsPolicy corsOf(const model::HttpCors &cors);

/// The number of a gRPC status by name, `UNAVAILABLE`; nothing for a name that there is not.
std::optional<std::uint32_t> grpcStatusCode(const std::string &name);

} // namespace sallyport::compile
