// SPDX-License-Identifier: GPL-3.0-or-later
// Internal redirects: the router follows an answer itself (internal_redirect_policy).
#include "proxy/server/router.h"

#include "proxy/http/http1_syntax.h"
#include "proxy/server/active_stream.h"
#include "proxy/server/internal_redirect.h"

namespace sallyport::server {

using http::Known;

namespace {

/// The answer to another method than GET and HEAD is looked for elsewhere, with GET (RFC 9110 15.4.4).
constexpr unsigned SeeOther = 303;

} // namespace

/// True: another stream goes on with the request, and this router is no more.
bool Router::followRedirect(UpstreamRequest &request, const http::HeaderMap &answer, bool endStream)
{
    const bool complete = m_requestComplete && !m_bodyLost;
    if (!complete || !answer.has(Known::Location) || !changeTarget(answer)) {
        m_cluster->stats().internalRedirectFailed.inc();
        return false;
    }
    m_cluster->stats().internalRedirectSucceeded.inc();
    m_timeoutTimer.reset();
    leaveRetryBreaker();
    if (endStream)
        request.finish();
    else
        request.reset();
    removeAttempt(request);
    m_stream.redirect(answer.clone(), std::move(m_buffered));
    return true;
}

/// Makes the request the one that the answer leads to; false: it stays as it is.
bool Router::changeTarget(const http::HeaderMap &answer)
{
    const dataplane::InternalRedirectPolicy &policy = *m_action->internalRedirects;
    telemetry::RouterStats &stats = m_stream.manager().routerStats();
    InternalRedirects &redirects = m_stream.redirects();
    http::HeaderMapPtr changed = m_stream.requestHeaders().clone();
    if (!leadElsewhere(*changed, answer, policy, stats))
        return false;
    if (redirects.count >= policy.maxInternalRedirects) {
        stats.redirectTooMany.inc();
        return false;
    }
    // The route is chosen, and remembered, by what the request would be.
    http::HeaderMapPtr before = m_stream.exchangeRequestHeaders(std::move(changed));
    http::HeaderMap &headers = m_stream.requestHeaders();
    const bool plain = !http::equalsIgnoreCase(before->get(Known::Scheme), "https");
    const bool toPlain = http::equalsIgnoreCase(headers.get(Known::Scheme), "http");
    m_stream.clearRoute();
    const dataplane::CompiledRoute *route = m_stream.route();
    if (route == nullptr) {
        stats.redirectNoRoute.inc();
        m_stream.exchangeRequestHeaders(std::move(before));
        return false;
    }
    if (!predicatesAccept(policy, m_route->route().name, route->route().name, !plain, !toPlain, redirects)) {
        stats.redirectPredicate.inc();
        m_stream.exchangeRequestHeaders(std::move(before));
        return false;
    }
    const std::string_view method = headers.get(Known::Method);
    if (answer.status() == SeeOther && method != "GET" && method != "HEAD") {
        headers.set(Known::Method, "GET");
        headers.remove(Known::ContentLength);
        m_buffered.clear();
    }
    ++redirects.count;
    headers.set(Known::EnvoyOriginalUrl, std::string(plain ? "http" : "https") + "://" +
                                             std::string(before->get(Known::Authority)) +
                                             std::string(before->get(Known::Path)));
    return true;
}

} // namespace sallyport::server
