// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/stats_config.h"
#include "core/dataplane/value_matchers.h"

#include <span>
#include <string>
#include <vector>

namespace sallyport::admin {

/// The upper bounds of the buckets in which a histogram is shown.
class HistogramBounds
{
public:
    HistogramBounds() = default;
    explicit HistogramBounds(const std::vector<dataplane::StatsConfig::HistogramBounds> &settings);

    /// Ascending: those of the first setting that matches, else Envoy's standard ones.
    std::span<const double> of(const std::string &histogram) const;

private:
    struct Setting
    {
        dataplane::CompiledString match;
        std::vector<double> bounds;
    };
    std::vector<Setting> m_settings;
};

} // namespace sallyport::admin
