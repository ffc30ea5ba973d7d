// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"
#include "proxy/filters/filter.h"

namespace sallyport::filters {

/// envoy.filters.http.header_mutation: changes the headers of requests on their way to the router, and of
/// every answer, first as the filter says and then as the route and its virtual host do.
Result<FilterFactory> makeHeaderMutationFactory(const dataplane::HeaderMutationFilter &configuration);

} // namespace sallyport::filters
