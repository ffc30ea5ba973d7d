// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/histogram_text.h"

#include <array>
#include <charconv>
#include <cmath>

namespace sallyport::admin {

namespace {

constexpr std::array<double, 19> buckets{0.5,   1,      5,      10,      25,     50,    100,
                                         250,   500,    1000,   2500,    5000,   10000, 30000,
                                         60000, 300000, 600000, 1800000, 3600000};

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
                       const telemetry::HistogramSnapshot &cumulative, bool disjoint)
{
    std::string text;
    std::uint64_t intervalBefore = 0;
    std::uint64_t cumulativeBefore = 0;
    const auto add = [&](const std::string &bound, std::uint64_t inInterval, std::uint64_t inAll) {
        if (!text.empty())
            text += ' ';
        text += 'B' + bound + '(' + std::to_string(disjoint ? inInterval - intervalBefore : inInterval) +
                ',' + std::to_string(disjoint ? inAll - cumulativeBefore : inAll) + ')';
        intervalBefore = inInterval;
        cumulativeBefore = inAll;
    };
    for (const double bound : buckets)
        add(shortNumber(bound), interval.countUpTo(bound), cumulative.countUpTo(bound));
    if (disjoint)
        add("inf", interval.count, cumulative.count);
    return text;
}

} // namespace

std::span<const double> standardQuantiles()
{
    return quantiles;
}

std::span<const double> standardBuckets()
{
    return buckets;
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
    if (name == "summary" || name.empty())
        form = HistogramForm::Summary;
    else if (name == "cumulative")
        form = HistogramForm::Cumulative;
    else if (name == "disjoint")
        form = HistogramForm::Disjoint;
    else if (name == "detailed")
        form = HistogramForm::Detailed;
    else
        return false;
    return true;
}

std::string histogramText(const telemetry::Histogram &histogram, HistogramForm form)
{
    if (!histogram.used())
        return "No recorded values";
    const telemetry::HistogramSnapshot interval = histogram.interval();
    const telemetry::HistogramSnapshot cumulative = histogram.cumulative();
    switch (form) {
    case HistogramForm::Cumulative:
        return bucketText(interval, cumulative, false);
    case HistogramForm::Disjoint:
        return bucketText(interval, cumulative, true);
    case HistogramForm::Detailed:
        return "\n  totals=" + bucketList(cumulative) + "\n  intervals=" + bucketList(interval) +
               "\n  summary=" + summary(interval, cumulative);
    case HistogramForm::Summary:
        break;
    }
    return summary(interval, cumulative);
}

} // namespace sallyport::admin
