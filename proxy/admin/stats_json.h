// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/histogram_text.h"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sallyport::admin {

/// The statistics that a request for `/stats` has chosen, by name.
struct ChosenStats
{
    std::map<std::string, std::string> texts;
    std::map<std::string, std::uint64_t> numbers; ///< counters and gauges
    std::vector<const telemetry::Histogram *> histograms;
};

/// `/stats?format=json`
std::string statsJson(const ChosenStats &stats, const HistogramBounds &bounds, HistogramForm form);

} // namespace sallyport::admin
