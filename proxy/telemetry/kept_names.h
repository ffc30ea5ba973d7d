// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/stats_config.h"
#include "proxy/telemetry/stats.h"

namespace sallyport::telemetry {

/// Which statistics `stats_matcher` keeps; none: all.
StatsStore::Keeps keptNames(const dataplane::StatsConfig &configuration);

} // namespace sallyport::telemetry
