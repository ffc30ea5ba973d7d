// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/traffic/log_line.h"

#include <QString>
#include <optional>
#include <span>

namespace sallyport::traffic {

/// How something ended, in three grades and one for "not there".
enum class Outcome : quint8 {
    Passed,     ///< answered below 400, or a connection that carried bytes
    Refused,    ///< a policy, a limit or a 4xx: on purpose
    Failed,     ///< 5xx, or no answer
    NotReached, ///< a hop that the request would have taken
};

/// `ns[istio-system]-policy[test]-rule[0]`, as istiod names the rules of an AuthorizationPolicy.
struct PolicyRule
{
    QString nameSpace;
    QString name;
    int rule = -1; ///< index in spec.rules
};
std::optional<PolicyRule> parsePolicyRule(QStringView text);

/// What decided the answer to a request, and where.
struct Decision
{
    enum class Kind {
        None,          ///< nobody: the application's answer is below 400
        Application,   ///< the application's own answer
        Policy,        ///< a DENY rule: `policy` says which
        NoAllowPolicy, ///< ALLOW policies, and none matches
        RegistryOnly,  ///< an unregistered destination
        Route,         ///< no route, a redirect, a direct response, an injected fault
        Connect,       ///< no connection to the next hop: refused, no endpoint, TLS
        Timeout,
        Protocol, ///< what somebody sent was not understood
        Filter,   ///< another filter: rate limit, JWT, external authorization
        Client,   ///< the client went away
        Other,
    };
    Kind kind = Kind::None;
    std::optional<PolicyRule> policy;
    QString by;    ///< short, for a table cell: `restrict-test-client`, `TLS: unknown CA`; empty for None
    QString proxy; ///< full name of the proxy where it was decided; of Application: whose answer it is
    qsizetype hop = -1; ///< index of its line; -1 for None
    QString sentence;   ///< one sentence in plain words: what, where, why
    Outcome outcome = Outcome::Passed;
};

/// Reads a request's lines, outermost first (see orderHops()), as Envoy's response flags and response code
/// details define them. Never fails: what is not known is told in the log's own words.
Decision decide(std::span<const LogLine> hops);

/// How one line ended, by its status, flags and details alone.
Outcome outcomeOf(const LogLine &line);

} // namespace sallyport::traffic
