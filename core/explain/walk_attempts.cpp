// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/explain/walk.h"

#include <algorithm>
#include <set>

namespace sallyport::explain {

namespace {

using std::chrono::milliseconds;

/// What a route's retry policy makes of a failed attempt (envoy:source/common/router/retry_state_impl.cc).
class Retries
{
public:
    explicit Retries(const dataplane::RetryPolicy *policy)
        : m_policy(policy)
    {
        std::string rest = policy == nullptr ? std::string() : policy->retryOn + ',';
        for (std::size_t comma = rest.find(','); comma != std::string::npos; comma = rest.find(',')) {
            std::string word = rest.substr(0, comma);
            rest.erase(0, comma + 1);
            std::erase(word, ' ');
            m_conditions.insert(word);
        }
    }

    unsigned most() const { return m_policy == nullptr || m_conditions.empty() ? 0 : m_policy->numRetries; }
    bool isEnabled() const { return m_policy != nullptr && !m_policy->retryOn.empty(); }

    bool onStatus(int status) const
    {
        if (on("5xx") && status >= 500 && status < 600)
            return true;
        if (on("gateway-error") && status >= 502 && status <= 504)
            return true;
        if (on("retriable-4xx") && status == 409)
            return true;
        return on("retriable-status-codes") &&
               std::find(m_policy->retriableStatusCodes.begin(), m_policy->retriableStatusCodes.end(),
                         static_cast<std::uint32_t>(status)) != m_policy->retriableStatusCodes.end();
    }
    bool onReset() const { return on("5xx") || on("gateway-error") || on("reset"); }
    bool onConnectFailure() const { return onReset() || on("connect-failure") || on("reset-before-request"); }
    milliseconds perTry() const
    {
        return m_policy != nullptr && m_policy->perTryTimeout
                   ? std::chrono::duration_cast<milliseconds>(*m_policy->perTryTimeout)
                   : milliseconds(0);
    }

private:
    bool on(const char *condition) const { return m_conditions.count(condition) != 0; }

    const dataplane::RetryPolicy *m_policy;
    std::set<std::string> m_conditions;
};

/// A failed attempt, in Envoy's words.
struct Failure
{
    std::string reason; ///< `remote connection failure`
    std::string flag;
    int status = 503;
    bool retried = false;
};

Failure failureOf(const Reply &reply, const Retries &retries)
{
    switch (reply.end) {
    case Reply::End::Refused:
        return {"remote connection failure", "UF", 503, retries.onConnectFailure()};
    case Reply::End::Overflow:
        return {"overflow", "UO", 503, false};
    case Reply::End::ProtocolError:
        return {"protocol error", "UPE", 502, retries.onReset()};
    default:
        return {"connection termination", "UC", 503, retries.onReset()};
    }
}

std::string timesText(unsigned attempts)
{
    return attempts == 1 ? "once" : std::to_string(attempts) + " times";
}

milliseconds timeoutOf(const dataplane::RouteAction &action)
{
    using std::chrono::duration_cast;
    if (action.maxStreamDuration)
        return duration_cast<milliseconds>(*action.maxStreamDuration);
    return action.timeout ? duration_cast<milliseconds>(*action.timeout) : milliseconds(15'000);
}

} // namespace

Reply Walk::attempt(Stream &stream, const Way &way, const Wire &wire)
{
    const HopIndex hop = stream.hop;
    const dataplane::RouteAction &action = *stream.route->action();
    const dataplane::RetryPolicy *policy = action.retryPolicy ? &*action.retryPolicy
                                           : stream.route->host().retryPolicy
                                               ? &*stream.route->host().retryPolicy
                                               : nullptr;
    const Retries retries(policy);
    const std::size_t firstAfter = m_explanation.hops.size();
    Reply reply = forward(hop, stream.proxy, way, wire);
    const auto repeat = [&](unsigned attempts) {
        for (std::size_t i = firstAfter; i < m_explanation.hops.size(); ++i)
            m_explanation.hops[i].times *= attempts;
    };
    if (reply.end == Reply::End::Loop)
        return reply;
    LogLine &log = m_explanation.hops[hop].log;
    if (reply.end == Reply::End::Refused && reply.flags == "UH")
        return local(hop, 503, "no healthy upstream", "no_healthy_upstream", "UH");

    const milliseconds perTry = retries.perTry();
    const milliseconds whole = timeoutOf(action);
    const bool tryEnds = perTry.count() > 0 && reply.took > perTry;
    const milliseconds each = tryEnds ? perTry : reply.took;
    unsigned attempts = 1;
    bool exhausted = false;
    const auto wanted = [&](bool retried) {
        if (!retried)
            return;
        attempts += retries.most();
        exhausted = retries.isEnabled();
    };
    const bool answered = reply.end == Reply::End::Response;
    if (tryEnds)
        wanted(retries.onReset());
    else if (answered)
        wanted(retries.onStatus(reply.status));
    else
        wanted(failureOf(reply, retries).retried);

    // Proxies further on see their client leave.
    const auto cutAfter = [&] {
        for (std::size_t i = firstAfter; i < m_explanation.hops.size(); ++i) {
            LogLine &cut = m_explanation.hops[i].log;
            cut.status = 0;
            cut.flags = "DC";
            cut.details = "downstream_remote_disconnect";
        }
    };
    if (whole.count() > 0 && each * static_cast<long>(attempts) > whole) {
        attempts = static_cast<unsigned>((whole.count() + each.count() - 1) / each.count());
        repeat(attempts);
        cutAfter();
        add(hop, "timeout", Mark::Refused,
            "the answer takes " + std::to_string(reply.took.count()) + " ms, and the route waits " +
                std::to_string(whole.count()) + " ms",
            {}, m_origins.ofRoute(stream.proxy, stream.route->route()))
            .reason = "timeout";
        Reply late = local(hop, 504, "upstream request timeout", "response_timeout", "UT");
        late.took = whole;
        return late;
    }
    repeat(attempts);
    if (attempts > 1)
        add(hop, "retry", Mark::Note,
            "it tries " + timesText(attempts) + ", as the route's retry policy says: " + policy->retryOn, {},
            m_origins.ofRoute(stream.proxy, stream.route->route()));
    const std::string limit = exhausted ? "URX" : "";
    if (tryEnds) {
        cutAfter();
        add(hop, "timeout", Mark::Refused,
            "the answer takes " + std::to_string(reply.took.count()) + " ms, and each attempt has " +
                std::to_string(perTry.count()) + " ms",
            {}, m_origins.ofRoute(stream.proxy, stream.route->route()))
            .reason = "timeout";
        Reply late = local(hop, 504, "upstream request timeout", "upstream_per_try_timeout",
                           limit.empty() ? "UT" : limit + ",UT");
        late.took = each * static_cast<long>(attempts) + stream.delayed;
        return late;
    }
    if (answered) {
        log.status = reply.status;
        log.details = "via_upstream";
        log.flags = limit.empty() ? "-" : limit;
        reply.took = each * static_cast<long>(attempts) + stream.delayed;
        return reply;
    }
    const Failure failure = failureOf(reply, retries);
    const std::string transport = reply.end == Reply::End::Refused ? reply.failure : std::string();
    const std::string body = std::string("upstream connect error or disconnect/reset before headers. ") +
                             (attempts > 1 ? "retried and the latest reset reason: " : "reset reason: ") +
                             failure.reason;
    const std::string details = withoutSpaces("upstream_reset_before_response_started{" + failure.reason +
                                              (transport.empty() ? "" : '|' + transport) + '}');
    log.transportFailure = withoutSpaces(transport);
    add(hop, "answer", Mark::Refused,
        "the proxy answers " + std::to_string(failure.status) + " itself: " + failure.reason);
    return local(hop, failure.status, body, details,
                 limit.empty() ? failure.flag : limit + ',' + failure.flag);
}

} // namespace sallyport::explain
