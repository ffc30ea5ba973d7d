// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/describe.h"

namespace sallyport::dataplane {

template<typename A>
void describe(A &a, OutlierDetection &m)
{
    a.message("envoy.config.cluster.v3.OutlierDetection");
    const OutlierDetection standard;
    a.field("consecutive_5xx", m.consecutive5xx, standard.consecutive5xx);
    a.field("interval", m.interval, standard.interval);
    a.field("base_ejection_time", m.baseEjectionTime, standard.baseEjectionTime);
    a.field("max_ejection_time", m.maxEjectionTime);
    a.field("max_ejection_time_jitter", m.maxEjectionTimeJitter);
    a.field("max_ejection_percent", m.maxEjectionPercent, standard.maxEjectionPercent);
    a.field("enforcing_consecutive_5xx", m.enforcingConsecutive5xx, standard.enforcingConsecutive5xx);
    a.field("enforcing_success_rate", m.enforcingSuccessRate, standard.enforcingSuccessRate);
    a.field("success_rate_minimum_hosts", m.successRateMinimumHosts, standard.successRateMinimumHosts);
    a.field("success_rate_request_volume", m.successRateRequestVolume, standard.successRateRequestVolume);
    a.field("success_rate_stdev_factor", m.successRateStdevFactor, standard.successRateStdevFactor);
    a.field("consecutive_gateway_failure", m.consecutiveGatewayFailure, standard.consecutiveGatewayFailure);
    a.field("enforcing_consecutive_gateway_failure", m.enforcingConsecutiveGatewayFailure,
            standard.enforcingConsecutiveGatewayFailure);
    a.field("split_external_local_origin_errors", m.splitExternalLocalOriginErrors);
    a.field("consecutive_local_origin_failure", m.consecutiveLocalOriginFailure,
            standard.consecutiveLocalOriginFailure);
    a.field("enforcing_consecutive_local_origin_failure", m.enforcingConsecutiveLocalOriginFailure,
            standard.enforcingConsecutiveLocalOriginFailure);
    a.field("enforcing_local_origin_success_rate", m.enforcingLocalOriginSuccessRate,
            standard.enforcingLocalOriginSuccessRate);
    a.field("failure_percentage_threshold", m.failurePercentageThreshold,
            standard.failurePercentageThreshold);
    a.field("enforcing_failure_percentage", m.enforcingFailurePercentage,
            standard.enforcingFailurePercentage);
    a.field("enforcing_failure_percentage_local_origin", m.enforcingFailurePercentageLocalOrigin,
            standard.enforcingFailurePercentageLocalOrigin);
    a.field("failure_percentage_minimum_hosts", m.failurePercentageMinimumHosts,
            standard.failurePercentageMinimumHosts);
    a.field("failure_percentage_request_volume", m.failurePercentageRequestVolume,
            standard.failurePercentageRequestVolume);
    a.field("always_eject_one_host", m.alwaysEjectOneHost);
    a.field("successful_active_health_check_uneject_host", m.activeHealthCheckUnejects);
    a.refused({"detect_degraded_hosts"});
    a.refused({"monitors"});
    a.check(!m.maxEjectionTime || *m.maxEjectionTime >= m.baseEjectionTime, "max_ejection_time",
            "outlier detector's max_ejection_time cannot be smaller than base_ejection_time");
}
SALLYPORT_DESCRIBED(OutlierDetection)

} // namespace sallyport::dataplane
