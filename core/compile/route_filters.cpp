// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/route_filters.h"

#include "core/compile/route_match.h"

#include <cmath>

namespace sallyport::compile {

namespace {

std::string joined(const std::vector<std::string> &list)
{
    std::string result;
    for (const std::string &item : list)
        result += (result.empty() ? "" : ",") + item;
    return result;
}

} // namespace

dataplane::FractionalPercent fractionalPercent(double percent)
{
    return {static_cast<std::uint32_t>(percent * 10'000), dataplane::Denominator::Million};
}

std::optional<std::uint32_t> grpcStatusCode(const std::string &name)
{
    static const char *const names[] = {
        "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
        "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
        "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
        "DATA_LOSS", "UNAUTHENTICATED"};
    std::uint32_t code = 0;
    for (const char *candidate : names) {
        if (name == candidate)
            return code;
        ++code;
    }
    return std::nullopt;
}

dataplane::Fault faultOf(const model::HttpFault &source)
{
    dataplane::Fault fault;
    if (source.delay && source.delay->fixedDelay) {
        auto &delay = fault.delay.emplace();
        delay.fixed = source.delay->fixedDelay;
        if (source.delay->percentage)
            delay.percentage = fractionalPercent(*source.delay->percentage);
        else
            delay.percentage = {static_cast<std::uint32_t>(source.delay->percent),
                                dataplane::Denominator::Hundred};
    }
    if (source.abort && (!source.abort->grpcStatus.empty() || source.abort->httpStatus != 0)) {
        auto &abort = fault.abort.emplace();
        // Without a percentage Envoy never aborts.
        if (source.abort->percentage)
            abort.percentage = fractionalPercent(*source.abort->percentage);
        if (!source.abort->grpcStatus.empty())
            abort.grpcStatus = grpcStatusCode(source.abort->grpcStatus);
        else if (source.abort->httpStatus != 0)
            abort.httpStatus = static_cast<std::uint32_t>(source.abort->httpStatus);
    }
    return fault;
}

dataplane::CorsPolicy corsOf(const model::HttpCors &source)
{
    dataplane::CorsPolicy policy;
    for (const model::StringMatch &origin : source.allowOrigins)
        policy.allowOrigins.push_back(stringMatcher(origin));
    policy.allowMethods = joined(source.allowMethods);
    policy.allowHeaders = joined(source.allowHeaders);
    policy.exposeHeaders = joined(source.exposeHeaders);
    if (source.maxAge)
        policy.maxAge =
            std::to_string(std::chrono::duration_cast<std::chrono::seconds>(*source.maxAge).count());
    policy.allowCredentials = source.allowCredentials;
    policy.filterEnabled.emplace().defaultValue =
        dataplane::FractionalPercent{100, dataplane::Denominator::Hundred};
    policy.forwardNotMatchingPreflights = !source.ignoreUnmatchedPreflights;
    return policy;
}

} // namespace sallyport::compile
