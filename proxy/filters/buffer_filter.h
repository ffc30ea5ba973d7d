// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_filters.h"
#include "proxy/filters/filter.h"

namespace sallyport::filters {

/// envoy.filters.http.buffer: a request goes on when all of it is there, and with its length.
FilterFactory makeBufferFactory(const dataplane::BufferFilter &configuration);

} // namespace sallyport::filters
