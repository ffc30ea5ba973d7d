// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/histogram_bounds.h"
#include "proxy/admin/stat_tags.h"

namespace sallyport::admin {

/// How statistics are shown, as a bootstrap's `stats_config` says.
struct StatsForms
{
    TagProducer tags;
    HistogramBounds bounds;

    static Result<StatsForms> create(const dataplane::StatsConfig &configuration);
};

} // namespace sallyport::admin
