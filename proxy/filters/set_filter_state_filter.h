// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/set_filter_state.h"
#include "core/result/result.h"
#include "proxy/filters/filter.h"

namespace sallyport::filters {

/// envoy.filters.http.set_filter_state
Result<FilterFactory> makeSetFilterStateFactory(const dataplane::SetFilterState &configuration);

} // namespace sallyport::filters
