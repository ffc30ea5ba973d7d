// SPDX-License-Identifier: GPL-3.0-or-later
// source/common/stats/histogram_impl.cc, HistogramSettingsImpl
#include "proxy/admin/histogram_bounds.h"

#include <array>

namespace sallyport::admin {

namespace {

constexpr std::array<double, 19> standard{0.5,   1,      5,      10,      25,     50,    100,
                                          250,   500,    1000,   2500,    5000,   10000, 30000,
                                          60000, 300000, 600000, 1800000, 3600000};

} // namespace

HistogramBounds::HistogramBounds(const std::vector<dataplane::StatsConfig::HistogramBounds> &settings)
{
    // A setting may be about something else alone, the number of bins.
    for (const dataplane::StatsConfig::HistogramBounds &setting : settings) {
        if (!setting.bounds.empty())
            m_settings.push_back({dataplane::CompiledString(setting.match), setting.bounds});
    }
}

std::span<const double> HistogramBounds::of(const std::string &histogram) const
{
    for (const Setting &setting : m_settings) {
        if (setting.match.matches(histogram))
            return setting.bounds;
    }
    return standard;
}

} // namespace sallyport::admin
