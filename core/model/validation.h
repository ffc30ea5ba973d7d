// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/fields.h"
#include "core/model/mesh.h"

/// Istio's own validation of each kind (istio-semantics, the Validation tables): what admission refuses is an
/// Error, what it only warns of a Warning.
namespace sallyport::model {

/// What kind of rule is broken, which is its code in the catalogue.
enum class Rule {
    Missing,   ///< EGR0103
    Exclusive, ///< EGR0104
    Value,     ///< EGR0105
    Duplicate  ///< EGR0106
};

/// Findings about one resource. Paths are as in `spec.http[0].timeout`.
class Findings
{
public:
    Findings(const Resource &resource, const DecodeContext &context)
        : m_resource(resource)
        , m_context(context)
    {
    }

    const Resource &resource() const { return m_resource; }
    void error(Rule rule, const std::string &path, const std::string &message, const std::string &hint = {});
    void warning(const std::string &path, const std::string &message, const std::string &hint = {});

    /// What is written at `path`; null if nothing is, or null.
    yaml::NodePtr at(const std::string &path) const;
    bool given(const std::string &path) const { return at(path) != nullptr; }
    /// Given and empty: `{}` or `[]`.
    bool isEmpty(const std::string &path) const;

private:
    const Resource &m_resource;
    const DecodeContext &m_context;
};

/// What Istio asks of every resource of its own: annotations that are not for its users, or not for the kind.
void validateMetadata(Findings &findings);
/// Labels are to be Kubernetes' (istio:pkg/config/labels).
void validateLabels(const Labels &labels, const std::string &path, Findings &findings);
/// The API server counts list entries before istiod sees them (kubebuilder's MaxItems in istio:api).
void validateCount(std::size_t count, std::size_t most, const std::string &path, Findings &findings);

/// Istio's own validation of a resource: what istiod's webhook refuses or warns of.
void validate(const ServiceEntry &entry, Findings &findings);
void validate(const WorkloadEntry &entry, Findings &findings);
void validate(const Gateway &gateway, Findings &findings);
void validate(const VirtualService &service, Findings &findings);
void validate(const DestinationRule &rule, Findings &findings);
void validate(const Sidecar &sidecar, Findings &findings);
void validate(const AuthorizationPolicy &policy, Findings &findings);
void validate(const PeerAuthentication &policy, Findings &findings);
void validate(const RequestAuthentication &policy, Findings &findings);
void validate(const Telemetry &telemetry, Findings &findings);
void validate(const ProxyConfig &config, Findings &findings);

/// `list[index]`
std::string item(const std::string &list, std::size_t index);

// Parts that several kinds have.
void validateHttpRoute(const VirtualService &service, std::size_t index, Findings &findings);
void validateRouteDestinations(const std::vector<RouteDestination> &route, const std::string &path,
                               Findings &findings);
void validateDestination(const Destination &destination, const std::string &path, Findings &findings);
/// Rules and matches that can never be reached: warnings.
void validateReachability(const VirtualService &service, Findings &findings);
void validateTrafficPolicy(const TrafficPolicy &policy, const std::string &path, Findings &findings);
void validateConnectionPool(const ConnectionPool &pool, const std::string &path, Findings &findings);
void validateRetry(const HttpRetry &retry, const std::string &path, Findings &findings);
void validateServerTls(const ServerTls &tls, const std::string &path, Findings &findings);
/// targetRef and targetRefs; `selector`: the policy has one, too.
void validateTargets(const std::vector<PolicyTarget> &targets, bool selector, Findings &findings);
/// `allowNone`: whether `~` is a value.
void validateExportTo(const std::vector<std::string> &exportTo, bool allowNone, Findings &findings);
/// A selector without labels selects everything: a warning; `*` and empty keys: errors.
void validateSelector(const std::optional<Labels> &selector, const std::string &path, Findings &findings);
void validateDuration(const std::optional<Duration> &duration, const std::string &path, Findings &findings);
void validatePercent(const std::optional<double> &percent, const std::string &path, Findings &findings);

} // namespace sallyport::model
