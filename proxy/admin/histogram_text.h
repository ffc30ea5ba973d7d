// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/admin/histogram_bounds.h"
#include "proxy/telemetry/stats.h"

#include <span>
#include <string>

namespace sallyport::admin {

/// PrometheusNative is for protobuf, which nothing here writes.
enum class HistogramForm { Summary, Cumulative, Disjoint, Detailed, PrometheusNative };
/// The answer's body where it is none of them.
inline constexpr const char *histogramFormUsage =
    "usage: /stats?histogram_buckets=(cumulative|disjoint|detailed|summary|prometheusnative)\n";
/// In percent.
std::span<const double> standardQuantiles();
/// An empty name leaves `form` as it is. False: there is none of this name.
bool parseHistogramForm(const std::string &name, HistogramForm &form);

/// What stands behind the name in `/stats`: `P0(1,1.05) …`, `B0.5(0,0) …`, or `No recorded values`.
std::string histogramText(const telemetry::Histogram &histogram, const HistogramBounds &bounds,
                          HistogramForm form);

/// Six significant digits, as Envoy prints bounds and quantiles.
std::string shortNumber(double value);

} // namespace sallyport::admin
