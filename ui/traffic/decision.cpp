// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/decision.h"

#include "ui/traffic/tls_failure.h"

#include <QCoreApplication>

namespace sallyport::traffic {

namespace {

struct Words
{
    Q_DECLARE_TR_FUNCTIONS(Decision)
};

using Kind = Decision::Kind;

/// What one proxy's line says about who ended the request there.
struct Verdict
{
    Kind kind = Kind::Other;
    QString by;
    QString clause; ///< follows the proxy's name: `found no route for …`
    std::optional<PolicyRule> policy;
};

struct Known
{
    const char *details;
    Kind kind;
    const char *by;
    const char *clause;
};

// envoy-behaviour §1.5; %1 host and path, %2 cluster, %3 milliseconds, %4 route.
constexpr Known known[] = {
    {"route_not_found", Kind::Route, QT_TRANSLATE_NOOP("Decision", "no route"),
     QT_TRANSLATE_NOOP("Decision", "has no route for %1: no VirtualService or service matches")},
    {"cluster_not_found", Kind::Route, QT_TRANSLATE_NOOP("Decision", "unknown destination"),
     QT_TRANSLATE_NOOP("Decision", "has a route for %1, but does not know its destination")},
    {"no_healthy_upstream", Kind::Connect, QT_TRANSLATE_NOOP("Decision", "no endpoint"),
     QT_TRANSLATE_NOOP("Decision", "has no healthy endpoint for %2")},
    {"response_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "timeout"),
     QT_TRANSLATE_NOOP("Decision", "got no answer within the route's timeout and gave up after %3 ms")},
    {"upstream_per_try_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "timeout per try"),
     QT_TRANSLATE_NOOP("Decision", "got no answer within perTryTimeout and gave up after %3 ms")},
    {"upstream_per_try_idle_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "timeout per try"),
     QT_TRANSLATE_NOOP("Decision", "gave up on an attempt that had fallen silent, after %3 ms")},
    {"stream_idle_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "idle timeout"),
     QT_TRANSLATE_NOOP("Decision", "ended the request because nothing moved for too long")},
    {"request_header_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "request timeout"),
     QT_TRANSLATE_NOOP("Decision", "did not get the whole request in time")},
    {"request_overall_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "request timeout"),
     QT_TRANSLATE_NOOP("Decision", "did not get the whole request in time")},
    {"max_duration_timeout", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "maximum duration"),
     QT_TRANSLATE_NOOP("Decision", "ended the request at its maximum duration")},
    {"upstream_max_stream_duration_reached", Kind::Timeout, QT_TRANSLATE_NOOP("Decision", "maximum duration"),
     QT_TRANSLATE_NOOP("Decision", "ended the request at its maximum duration")},
    {"fault_filter_abort", Kind::Route, QT_TRANSLATE_NOOP("Decision", "fault injection"),
     QT_TRANSLATE_NOOP("Decision", "aborted it as the VirtualService's fault says")},
    {"cors_response", Kind::Route, QT_TRANSLATE_NOOP("Decision", "CORS policy"),
     QT_TRANSLATE_NOOP("Decision", "answered the CORS preflight itself")},
    {"local_rate_limited", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "rate limit"),
     QT_TRANSLATE_NOOP("Decision", "refused it: its rate limit is used up")},
    {"request_rate_limited", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "rate limit"),
     QT_TRANSLATE_NOOP("Decision", "refused it: the rate limit service said so")},
    {"ext_authz_denied", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "external authorization"),
     QT_TRANSLATE_NOOP("Decision", "refused it: the external authorizer said so")},
    {"ext_authz_error", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "external authorization"),
     QT_TRANSLATE_NOOP("Decision", "refused it: the external authorizer could not be asked")},
    {"upgrade_failed", Kind::Protocol, QT_TRANSLATE_NOOP("Decision", "upgrade refused"),
     QT_TRANSLATE_NOOP("Decision", "does not allow that upgrade on this route")},
    {"low_version", Kind::Protocol, QT_TRANSLATE_NOOP("Decision", "old HTTP version"),
     QT_TRANSLATE_NOOP("Decision", "takes HTTP/1.1 and later only")},
    {"http1.codec_error", Kind::Protocol, QT_TRANSLATE_NOOP("Decision", "not HTTP"),
     QT_TRANSLATE_NOOP("Decision", "got bytes that are not HTTP: perhaps TLS on a plaintext port")},
    {"path_normalization_failed", Kind::Protocol, QT_TRANSLATE_NOOP("Decision", "bad path"),
     QT_TRANSLATE_NOOP("Decision", "refused the path: it cannot be normalized")},
    {"maintenance_mode", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "maintenance mode"),
     QT_TRANSLATE_NOOP("Decision", "refused it: %2 is in maintenance mode")},
    {"overload", Kind::Filter, QT_TRANSLATE_NOOP("Decision", "overload"),
     QT_TRANSLATE_NOOP("Decision", "refused it: it is overloaded")},
    {"downstream_remote_disconnect", Kind::Client, QT_TRANSLATE_NOOP("Decision", "client left"),
     QT_TRANSLATE_NOOP("Decision", "lost its client after %3 ms, before an answer was complete")},
};

/// The text between `prefix{` and the last `}`.
QString inBraces(const QString &details, QLatin1String prefix)
{
    if (!details.startsWith(prefix))
        return {};
    const qsizetype open = details.indexOf(QLatin1Char('{'));
    const qsizetype close = details.lastIndexOf(QLatin1Char('}'));
    return open < 0 || close < open ? QString() : details.mid(open + 1, close - open - 1);
}

QString target(const LogLine &line)
{
    if (line.authority.isEmpty() && line.path.isEmpty())
        return line.serverName.isEmpty() ? line.downstreamLocal : line.serverName;
    return line.authority + line.path;
}

QString words(QString details)
{
    return details.replace(QLatin1Char('_'), QLatin1Char(' '));
}

bool isRegistryOnly(const LogLine &line)
{
    // istiod's virtual host `block_all` and its cluster without endpoints (istio-semantics: REGISTRY_ONLY).
    return line.cluster == QLatin1String("BlackHoleCluster") ||
           (line.route == QLatin1String("block_all") && line.details == QLatin1String("direct_response"));
}

Verdict connectFailure(const LogLine &line, const QString &reason)
{
    const QString server = line.upstreamHost.isEmpty()
                               ? (line.cluster.isEmpty() ? target(line) : line.cluster)
                               : line.upstreamHost;
    const QString failure = line.failure.isEmpty() ? reason.section(QLatin1Char('|'), 1) : line.failure;
    if (const auto why = explainTransportFailure(failure))
        return {
            Kind::Connect, why->brief, Words::tr("could not connect to %1: %2").arg(server, why->cause), {}};
    if (reason.startsWith(QLatin1String("connection_timeout")))
        return {Kind::Connect,
                Words::tr("connect timeout"),
                Words::tr("could not connect to %1 in time").arg(server),
                {}};
    return {Kind::Connect,
            Words::tr("connection failed"),
            failure.isEmpty() ? Words::tr("could not connect to %1").arg(server)
                              : Words::tr("could not connect to %1: %2").arg(server, words(failure)),
            {}};
}

Verdict resetVerdict(const LogLine &line, const QString &reason)
{
    const QString server = line.upstreamHost.isEmpty() ? line.cluster : line.upstreamHost;
    if (reason.startsWith(QLatin1String("remote_connection_failure")) ||
        reason.startsWith(QLatin1String("connection_timeout")) ||
        reason.startsWith(QLatin1String("local_connection_failure")))
        return connectFailure(line, reason);
    if (reason == QLatin1String("connection_termination"))
        return {
            Kind::Connect,
            Words::tr("connection closed"),
            Words::tr("was cut off by %1, which closed the connection without an answer. With TLS 1.3 a "
                      "refused or missing "
                      "client certificate looks like this, as does plaintext sent to a port that wants TLS")
                .arg(server),
            {}};
    if (reason == QLatin1String("overflow"))
        return {Kind::Filter,
                Words::tr("circuit breaker"),
                Words::tr("refused it: the connectionPool limits of %1 are used up").arg(line.cluster),
                {}};
    if (reason == QLatin1String("protocol_error"))
        return {Kind::Protocol,
                Words::tr("protocol error"),
                Words::tr("did not understand the answer of %1: it is not the HTTP that was expected")
                    .arg(server),
                {}};
    return {Kind::Connect,
            Words::tr("connection reset"),
            Words::tr("lost the request at %1: %2").arg(server, words(reason)),
            {}};
}

Verdict policyVerdict(const LogLine &line, const QString &details)
{
    const QString name = details.section(QLatin1Char('['), 1).chopped(1);
    if (name == QLatin1String("none"))
        return {Kind::NoAllowPolicy,
                Words::tr("no ALLOW policy matches"),
                Words::tr("refused %1: there are ALLOW policies, and none of their rules matches")
                    .arg(target(line)),
                {}};
    const auto rule = parsePolicyRule(name);
    if (!rule)
        return {Kind::Policy, name, Words::tr("refused %1: policy %2 denies it").arg(target(line), name), {}};
    return {Kind::Policy, rule->name,
            Words::tr("refused %1: AuthorizationPolicy %2/%3, rule %4, denies it")
                .arg(target(line), rule->nameSpace, rule->name)
                .arg(rule->rule),
            rule};
}

/// What a line without response code details says: TCP connections and lost requests.
Verdict flagVerdict(const LogLine &line)
{
    if (line.termination.startsWith(QLatin1String("rbac_access_denied")))
        return policyVerdict(line, line.termination);
    if (line.hasFlag(QLatin1String("UF")))
        return connectFailure(line, {});
    if (line.hasFlag(QLatin1String("UH")))
        return {Kind::Connect,
                Words::tr("no endpoint"),
                Words::tr("has no healthy endpoint for %1").arg(line.cluster),
                {}};
    if (line.hasFlag(QLatin1String("UC")) || line.hasFlag(QLatin1String("UR")))
        return {Kind::Connect,
                Words::tr("connection reset"),
                Words::tr("lost the connection to %1").arg(line.upstreamHost),
                {}};
    if (line.hasFlag(QLatin1String("UT")))
        return {
            Kind::Timeout, Words::tr("timeout"), Words::tr("gave up after %1 ms").arg(line.durationMs), {}};
    if (line.hasFlag(QLatin1String("DC")))
        return {Kind::Client, Words::tr("client left"), Words::tr("lost its client"), {}};
    return {Kind::Other, line.flags, Words::tr("ended it with the flags %1").arg(line.flags), {}};
}

Verdict verdict(const LogLine &line)
{
    if (isRegistryOnly(line))
        return {Kind::RegistryOnly,
                QStringLiteral("REGISTRY_ONLY"),
                Words::tr("refused %1: no ServiceEntry or service has that destination, and the "
                          "outboundTrafficPolicy is REGISTRY_ONLY")
                    .arg(line.authority.isEmpty() ? target(line) : line.authority),
                {}};
    const QString &details = line.details;
    if (details.isEmpty())
        return flagVerdict(line);
    if (details.startsWith(QLatin1String("rbac_access_denied_matched_policy[")))
        return policyVerdict(line, details);
    if (details == QLatin1String("direct_response")) {
        const QString route = line.route.isEmpty() ? QString() : QLatin1Char(' ') + line.route;
        return line.status / 100 == 3
                   ? Verdict{Kind::Route,
                             Words::tr("redirect"),
                             Words::tr("answered with a redirect, as its route%1 says").arg(route),
                             {}}
                   : Verdict{Kind::Route,
                             Words::tr("direct response"),
                             Words::tr("answered %1 itself, as its route%2 says").arg(line.status).arg(route),
                             {}};
    }
    if (details == QLatin1String("filter_chain_not_found"))
        return {
            Kind::Route,
            Words::tr("no filter chain"),
            line.serverName.isEmpty()
                ? Words::tr("has no server for a connection without SNI at %1").arg(line.downstreamLocal)
                : Words::tr("has no server for the SNI %1 at %2").arg(line.serverName, line.downstreamLocal),
            {}};
    for (const char *prefix :
         {"upstream_reset_before_response_started", "upstream_reset_after_response_started"}) {
        if (const QString reason = inBraces(details, QLatin1String(prefix)); !reason.isEmpty())
            return resetVerdict(line, reason);
    }
    if (const QString reason = inBraces(details, QLatin1String("jwt_authn_access_denied")); !reason.isEmpty())
        return {Kind::Filter, Words::tr("JWT"), Words::tr("refused its token: %1").arg(words(reason)), {}};
    for (const Known &entry : known) {
        if (details != QLatin1String(entry.details))
            continue;
        QString clause = Words::tr(entry.clause);
        clause.replace(QLatin1String("%1"), target(line));
        clause.replace(QLatin1String("%2"), line.cluster.isEmpty() ? Words::tr("its cluster") : line.cluster);
        clause.replace(QLatin1String("%3"), QString::number(line.durationMs, 'f', 0));
        return {entry.kind, Words::tr(entry.by), clause, {}};
    }
    const bool parserSaidSo = details.startsWith(QLatin1String("http"));
    return {parserSaidSo ? Kind::Protocol : Kind::Other,
            words(details),
            line.status > 0 ? Words::tr("answered %1 itself: %2").arg(line.status).arg(words(details))
                            : Words::tr("ended it: %1").arg(words(details)),
            {}};
}

/// The line only passes on what happened elsewhere, or says nothing about it (a log format of one's own).
bool passesOn(const LogLine &line)
{
    if (line.status < 0 && line.details.isEmpty() && line.flags.isEmpty())
        return true;
    return line.details == QLatin1String("via_upstream") ||
           (line.isTcp() && line.flags.isEmpty() && line.termination.isEmpty());
}

/// The proxy before it hung up: the reason is there.
bool wasCutOff(const LogLine &line)
{
    return line.details == QLatin1String("downstream_remote_disconnect") ||
           (line.details.isEmpty() && line.hasFlag(QLatin1String("DC")));
}

} // namespace

std::optional<PolicyRule> parsePolicyRule(QStringView text)
{
    const auto part = [text](QLatin1String name) -> QStringView {
        const qsizetype at = text.indexOf(name);
        if (at < 0)
            return {};
        const qsizetype begin = at + name.size();
        const qsizetype end = text.indexOf(QLatin1Char(']'), begin);
        return end < 0 ? QStringView() : text.mid(begin, end - begin);
    };
    PolicyRule rule;
    rule.nameSpace = part(QLatin1String("ns[")).toString();
    rule.name = part(QLatin1String("policy[")).toString();
    bool ok = false;
    rule.rule = part(QLatin1String("rule[")).toInt(&ok);
    if (rule.name.isEmpty() || !ok)
        return std::nullopt;
    return rule;
}

Outcome outcomeOf(const LogLine &line)
{
    if (line.status >= 500)
        return Outcome::Failed;
    if (line.status >= 400)
        return Outcome::Refused;
    if (line.status > 0)
        return Outcome::Passed;
    if (line.termination.startsWith(QLatin1String("rbac_access_denied")))
        return Outcome::Refused;
    return line.flags.isEmpty()                ? Outcome::Passed
           : line.hasFlag(QLatin1String("DC")) ? Outcome::Refused
                                               : Outcome::Failed;
}

Decision decide(std::span<const LogLine> hops)
{
    Decision decision;
    if (hops.empty())
        return decision;
    // The innermost proxy that did more than pass on has decided, unless the one before it cut it off.
    qsizetype at = static_cast<qsizetype>(hops.size()) - 1;
    while (at > 0 &&
           (wasCutOff(hops[static_cast<std::size_t>(at)]) || passesOn(hops[static_cast<std::size_t>(at)])))
        --at;
    const LogLine &line = hops[static_cast<std::size_t>(at)];
    const LogLine &outer = hops.front();
    decision.outcome = outcomeOf(outer);
    if (passesOn(line)) {
        const LogLine &last = hops.back();
        if (decision.outcome == Outcome::Passed || last.isTcp())
            return decision;
        const QString workload = workloadOf(last.upstreamHost);
        const QString server = workload.isEmpty() ? last.upstreamHost : shortName(workload);
        decision.kind = Kind::Application;
        decision.hop = static_cast<qsizetype>(hops.size()) - 1;
        decision.proxy = workload.isEmpty() ? last.proxy : workload;
        decision.by = Words::tr("application");
        decision.sentence = Words::tr("%1 answered %2 itself; every proxy on the way let the request pass.")
                                .arg(server.isEmpty() ? Words::tr("The application") : server)
                                .arg(last.status);
        return decision;
    }
    Verdict why = verdict(line);
    decision.kind = why.kind;
    decision.policy = why.policy;
    decision.by = why.by;
    decision.proxy = line.proxy;
    decision.hop = at;
    decision.sentence = shortName(line.proxy) + QLatin1Char(' ') + why.clause + QLatin1Char('.');
    if (line.hasFlag(QLatin1String("URX")) && (why.kind == Kind::Connect || why.kind == Kind::Timeout))
        decision.sentence += QLatin1Char(' ') + Words::tr("Its retries ended the same way.");
    return decision;
}

} // namespace sallyport::traffic
