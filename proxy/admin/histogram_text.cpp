// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/histogram_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace sallyport::admin {

namespace {

constexpr std::array<double, 10> quantiles{0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100};

std::string bucketList(const telemetry::HistogramSnapshot &snapshot)
{
    std::string text;
    for (const auto &[lower, count] : snapshot.buckets)
        text += (text.empty() ? "" : ", ") + shortNumber(lower) + ',' +
                shortNumber(telemetry::HistogramSnapshot::bucketWidth(lower)) + ':' + std::to_string(count);
    return text;
}

std::string summary(const telemetry::HistogramSnapshot &interval,
                    const telemetry::HistogramSnapshot &cumulative)
{
    std::string text;
    for (const double quantile : quantiles) {
        if (!text.empty())
            text += ' ';
        text += 'P' + shortNumber(quantile) + '(' + shortNumber(interval.quantile(quantile / 100)) + ',' +
                shortNumber(cumulative.quantile(quantile / 100)) + ')';
    }
    return text;
}

std::string bucketText(const telemetry::HistogramSnapshot &interval,
                       const telemetry::HistogramSnapshot &cumulative, std::span<const double> bounds,
                       bool disjoint)
{
    std::string text;
    std::uint64_t intervalBefore = 0;
    std::uint64_t cumulativeBefore = 0;
    const auto add = [&](double bound, std::uint64_t inInterval, std::uint64_t inAll) {
        char digits[32];
        std::snprintf(digits, sizeof digits, "%g", bound); // 1.8e+06
        if (!text.empty())
            text += ' ';
        text += std::string("B") + digits + '(' +
                std::to_string(disjoint ? inInterval - intervalBefore : inInterval) + ',' +
                std::to_string(disjoint ? inAll - cumulativeBefore : inAll) + ')';
        intervalBefore = inInterval;
        cumulativeBefore = inAll;
    };
    for (const double bound : bounds)
        add(bound, interval.countUpTo(bound), cumulative.countUpTo(bound));
    return text;
}

} // namespace

std::span<const double> standardQuantiles()
{
    return quantiles;
}

std::string shortNumber(double value)
{
    if (std::isnan(value))
        return "nan";
    // As few digits as tell the number from any other; large ones written out: 3600000, not 3.6e+06.
    char text[400];
    const bool plain = value == 0 || (std::fabs(value) < 1e16 && std::fabs(value) >= 1e-4);
    const auto written = plain ? std::to_chars(text, text + sizeof text, value, std::chars_format::fixed)
                               : std::to_chars(text, text + sizeof text, value);
    return {text, written.ptr};
}

bool parseHistogramForm(const std::string &name, HistogramForm &form)
{
    if (name.empty())
        return true;
    if (name == "summary" || name == "none")
        form = HistogramForm::Summary;
    else if (name == "cumulative")
        form = HistogramForm::Cumulative;
    else if (name == "disjoint")
        form = HistogramForm::Disjoint;
    else if (name == "detailed")
        form = HistogramForm::Detailed;
    else if (name == "prometheusnative")
        form = HistogramForm::PrometheusNative;
    else
        return false;
    return true;
}

std::string histogramText(const telemetry::Histogram &histogram, const HistogramBounds &bounds,
                          HistogramForm form)
{
    if (!histogram.used())
        return "No recorded values";
    const telemetry::HistogramSnapshot interval = histogram.interval();
    const telemetry::HistogramSnapshot cumulative = histogram.cumulative();
    switch (form) {
    case HistogramForm::Cumulative:
        return bucketText(interval, cumulative, bounds.of(histogram.name()), false);
    case HistogramForm::Disjoint:
        return bucketText(interval, cumulative, bounds.of(histogram.name()), true);
    case HistogramForm::Detailed:
        return "\n  totals=" + bucketList(cumulative) + "\n  intervals=" + bucketList(interval) +
               "\n  summary=" + summary(interval, cumulative);
    case HistogramForm::Summary:
    case HistogramForm::PrometheusNative:
        break;
    }
    return summary(interval, cumulative);
}

} // namespace sallyport::admin
