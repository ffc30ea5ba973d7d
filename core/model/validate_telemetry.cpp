// SPDX-License-Identifier: GPL-3.0-or-later
// What is asked of the resources that configure proxies beside their traffic.
#include "core/dataplane/cel_expression.h"
#include "core/model/validation.h"

namespace sallyport::model {

void validate(const ProxyConfig &config, Findings &findings)
{
    validateSelector(config.selector, "spec.selector", findings);
}

void validate(const Telemetry &telemetry, Findings &findings)
{
    validateSelector(telemetry.selector, "spec.selector", findings);
    if (telemetry.selector && !telemetry.targetNames.empty())
        findings.error(Rule::Exclusive, "spec.selector", "selector and targetRefs cannot be used together",
                       "keep one of them");
    for (std::size_t i = 0; i < telemetry.tracing.size(); ++i) {
        const std::optional<double> &sampling = telemetry.tracing[i].randomSampling;
        constexpr double all = 100;
        if (sampling && (*sampling < 0 || *sampling > all))
            findings.error(Rule::Value, item("spec.tracing", i) + ".randomSamplingPercentage",
                           "a percentage lies between 0 and 100");
    }
    for (std::size_t i = 0; i < telemetry.accessLogging.size(); ++i) {
        const Telemetry::AccessLogging &logging = telemetry.accessLogging[i];
        const std::string path = item("spec.accessLogging", i);
        for (std::size_t k = 0; k < logging.providers.size(); ++k) {
            if (logging.providers[k].empty())
                findings.error(Rule::Missing, item(path + ".providers", k), "a provider needs a name");
        }
        if (!logging.filterExpression)
            continue;
        if (const auto parsed = dataplane::CelExpression::parse(*logging.filterExpression); !parsed)
            findings.error(
                Rule::Value, path + ".filter.expression", parsed.error().what,
                "write a CEL expression over the attributes of a request, as response.code >= 400");
    }
}

} // namespace sallyport::model
