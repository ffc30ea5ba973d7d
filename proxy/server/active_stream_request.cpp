// SPDX-License-Identifier: GPL-3.0-or-later
// The way of the request: checks, upgrades, HTTP filters, and on to the router.
#include "proxy/server/active_stream.h"

#include "core/dataplane/path_normalization.h"
#include "proxy/http/http1_syntax.h"
#include "proxy/server/arriving_request.h"

#include <algorithm>

namespace sallyport::server {

using http::Known;

namespace {

/// Whether the client will not use the connection again.
bool asksToClose(http::Protocol protocol, const http::HeaderMap &headers)
{
    if (protocol == http::Protocol::Http2)
        return false;
    const std::string_view connection = headers.get(Known::Connection);
    if (protocol == http::Protocol::Http10)
        return !http::listContains(connection, "keep-alive");
    return http::listContains(connection, "close") ||
           http::listContains(headers.get(Known::ProxyConnection), "close");
}

} // namespace

void ActiveStream::decodeHeaders(http::HeaderMapPtr headers, bool endStream)
{
    if (m_ended)
        return;
    m_headersTimer.reset();
    m_requestHeaders = std::move(headers);
    http::HeaderMap &request = *m_requestHeaders;
    m_requestComplete = endStream;
    m_info.lastDownstreamRx = endStream ? std::optional(dispatcher().updateNow()) : std::nullopt;
    const http::Protocol protocol = m_encoder.protocol();
    m_info.protocol = protocol;
    m_connection.noteProtocol(protocol);
    m_head = request.get(Known::Method) == "HEAD";
    m_grpc = isGrpcRequest(request);
    if (asksToClose(protocol, request))
        m_closeAfter = true;
    if (!m_manager->configuration().proxy100Continue && request.has(Known::Expect) &&
        http::equalsIgnoreCase(request.get(Known::Expect), "100-continue")) {
        const http::HeaderMapPtr go = http::HeaderMap::create(http::HeaderMap::Kind::Response);
        go->setStatus(100);
        m_manager->stats().countAnswer(100);
        m_encoder.encodeInformational(*go);
        request.remove(Known::Expect);
    }
    if (endStream)
        m_requestTimer.reset();
    if (!admit() || !checkRequest())
        return;
    armIdleTimer();
    if (!m_redirected && !arrive())
        return;
    m_upgrade = isUpgradeRequest(request);
    refreshRoute();
    if (const TraceDecision *tracing = m_manager->traceDecision(); tracing != nullptr && !m_redirected)
        m_traceReason = tracing->decide(request, m_route != nullptr ? &m_route->route() : nullptr,
                                        m_connection.worker().random);
    if (const Tracer *tracer = m_manager->tracer())
        beginSpan(*tracer);
    m_info.traceForced = m_traceReason == TraceReason::ServiceForced;
    m_info.requestId = request.get(Known::RequestId);
    if (m_manager->configuration().logNewRequests)
        writeLogs("DownstreamStart");
    if (!acceptUpgrade())
        return;
    decorateRequest();
    createFilters();
    runFilters();
}

/// Brings the headers into their form, and finds out about the client; false: the request was answered.
bool ActiveStream::arrive()
{
    http::HeaderMap &request = *m_requestHeaders;
    m_manager->earlyMutations().apply(request, {m_info, &request, nullptr, nullptr, {}});
    const Arrival arrival = mutateArrivingRequest(request, m_manager->configuration(), m_manager->arrivals(),
                                                  m_manager->routes().configuration().internalOnlyHeaders,
                                                  m_connection.connection(), m_connection.worker().random);
    if (arrival.rejectsWith) {
        m_manager->stats().rqRejectedViaIpDetection.inc();
        sendLocalReply(*arrival.rejectsWith, {}, "rejecting_because_detection_failed");
        return false;
    }
    if (!(arrival.client == m_info.remoteAddress))
        m_info.remoteAddress = arrival.client;
    return true;
}

/// Hands the route's decorator on to the server, or takes what the client told
/// (source/common/http/conn_manager_impl.cc, traceRequest).
void ActiveStream::decorateRequest()
{
    const HttpManager::Decoration decoration = m_manager->decoration();
    if (decoration == HttpManager::Decoration::None)
        return;
    if (m_route != nullptr && m_route->route().decoratorPropagate.value_or(true))
        m_decoration = m_route->route().decoratorOperation;
    if (decoration == HttpManager::Decoration::OfAnswers) {
        if (m_requestHeaders->has(Known::EnvoyDecoratorOperation))
            m_decoration = {};
        m_requestHeaders->remove(Known::EnvoyDecoratorOperation);
    } else if (!m_decoration.empty()) {
        m_requestHeaders->set(Known::EnvoyDecoratorOperation, m_decoration);
    }
}

/// False: there is too much to do already, and the request was answered so.
bool ActiveStream::admit()
{
    const OverloadState *overload = m_connection.overload();
    if (overload == nullptr ||
        !overload->hits(OverloadState::Action::StopAcceptingRequests, m_connection.worker().random))
        return true;
    m_manager->stats().rqOverloadClose.inc();
    // Nothing is done for it that could be left undone.
    m_filtersCreated = true;
    filters::LocalReply reply;
    reply.status = 503;
    reply.body = "envoy overloaded";
    reply.details = "overload";
    if (m_manager->configuration().appendLocalOverload)
        reply.modifyHeaders = [](http::HeaderMap &headers) {
            headers.set("x-envoy-local-overloaded", "true");
        };
    sendLocalReply(reply);
    return false;
}

/// What must hold of every request before anything is done with it; false: it was answered.
bool ActiveStream::checkRequest()
{
    http::HeaderMap &request = *m_requestHeaders;
    const auto refuse = [this](unsigned status, std::string_view details) {
        filters::LocalReply reply;
        reply.status = status;
        reply.details = details;
        sendLocalReply(reply);
        return false;
    };
    if (!request.has(Known::Authority))
        return refuse(400, "missing_host_header");
    // The body of a QUERY is the question; without a type it cannot be read.
    if (request.get(Known::Method) == "QUERY" && request.get(Known::ContentType).empty())
        return refuse(400, "query_missing_content_type");
    const bool connect = request.get(Known::Method) == "CONNECT";
    const std::string_view path = request.get(Known::Path);
    if (!connect || request.has(Known::Path)) {
        if (path.empty())
            return refuse(404, "missing_path_rejected");
        if (path.front() != '/') {
            m_manager->stats().rqNonRelativePath.inc();
            return refuse(404, "absolute_path_rejected");
        }
        if (!normalizePath())
            return false;
    }
    m_strippedPort = normalizeHost(request, m_manager->configuration(), m_info.localAddress.port());
    return true;
}

bool ActiveStream::normalizePath()
{
    http::HeaderMap &request = *m_requestHeaders;
    std::string path(request.get(Known::Path));
    dataplane::PathOutcome outcome = dataplane::normalizePath(path, m_manager->configuration());
    // gRPC clients follow no redirects.
    if (outcome == dataplane::PathOutcome::Redirected && m_grpc)
        outcome = dataplane::PathOutcome::Rejected;
    filters::LocalReply reply;
    reply.details = "path_normalization_failed";
    if (path != request.get(Known::Path))
        request.set(Known::Path, path);
    switch (outcome) {
    case dataplane::PathOutcome::Accepted:
        return true;
    case dataplane::PathOutcome::Rejected:
        m_manager->stats().rqFailedPathNormalization.inc();
        reply.status = 400;
        break;
    case dataplane::PathOutcome::Redirected:
        m_manager->stats().rqRedirectedWithNormalizedPath.inc();
        reply.status = 307;
        reply.modifyHeaders = [&path](http::HeaderMap &headers) { headers.add(Known::Location, path); };
        break;
    }
    sendLocalReply(reply);
    return false;
}

/// False: the upgrade was refused and answered.
bool ActiveStream::acceptUpgrade()
{
    const bool connect = m_requestHeaders->get(Known::Method) == "CONNECT";
    if (!m_upgrade && !connect)
        return true;
    std::string type = m_upgrade ? std::string(m_requestHeaders->get(Known::Upgrade)) : "connect";
    std::transform(type.begin(), type.end(), type.begin(),
                   [](unsigned char c) { return static_cast<char>(http::LowerCase[c]); });
    bool allowed = m_manager->allowsUpgrade(type);
    if (const dataplane::RouteAction *action = m_route != nullptr ? m_route->action() : nullptr) {
        for (const dataplane::UpgradeConfig &upgrade : action->upgrades) {
            if (upgrade.type == type)
                allowed = upgrade.enabled;
        }
    }
    if (allowed) {
        // Without a route it is counted all the same, before the router answers 404 (measured, 1.40).
        telemetry::HttpStats &stats = m_manager->stats();
        stats.cxUpgradesTotal.inc();
        stats.cxUpgradesActive.inc();
        m_countedUpgrade = true;
        return true;
    }
    if (m_route == nullptr)
        return true; // the router answers 404
    m_closeAfter = true;
    if (m_encoder.protocol() == http::Protocol::Http2)
        m_connection.drainAfterAnswers();
    m_manager->stats().rqUpgradeOnOtherRoute.inc();
    filters::LocalReply reply;
    reply.status = 403;
    reply.details = "upgrade_failed";
    sendLocalReply(reply);
    return false;
}

void ActiveStream::createFilters()
{
    if (m_filtersCreated)
        return;
    m_filtersCreated = true;
    m_filters.reserve(m_manager->filters().size());
    for (const HttpManager::Filter &filter : m_manager->filters()) {
        const bool runs =
            m_route == nullptr ? !filter.disabled : m_route->runs(filter.name, filter.disabled, m_weighted);
        if (!runs)
            continue;
        m_filters.push_back(filter.make());
        m_filters.back()->begin(*this, filter.name);
    }
}

void ActiveStream::runFilters()
{
    while (m_nextFilter < m_filters.size()) {
        filters::HttpFilter &filter = *m_filters[m_nextFilter++];
        m_inFilters = true;
        m_continue = false;
        const bool bare = m_requestComplete && m_held.isEmpty() && !m_requestTrailers;
        const filters::FilterStatus status = filter.decodeHeaders(*m_requestHeaders, bare);
        m_inFilters = false;
        if (m_ended || m_responseStarted)
            return;
        if (status == filters::FilterStatus::Stop && !m_continue) {
            // What came while a filter before it stopped the request does not come again.
            if (m_requestComplete && !bare)
                tellStoppedFilter();
            return;
        }
    }
    passOn();
}

void ActiveStream::continueDecoding()
{
    if (m_inFilters) {
        m_continue = true;
        return;
    }
    if (m_ended || m_responseStarted || m_passedOn)
        return;
    runFilters();
}

/// The filters are done with the request: it goes to the router, with what of its body has come by now.
void ActiveStream::passOn()
{
    // Without a router nobody answers, until the stream's time is over.
    if (m_manager->configuration().filters.empty())
        return;
    m_passedOn = true;
    m_router.emplace(*this);
    const bool bare = m_requestComplete && m_held.isEmpty() && !m_requestTrailers;
    m_router->decodeHeaders(*m_requestHeaders, bare);
    if (m_holding) {
        m_holding = false;
        m_encoder.stream().readDisable(false);
    }
    if (m_ended || bare)
        return;
    if (!m_held.isEmpty()) {
        net::Buffer data = std::move(m_held);
        m_router->decodeData(data, m_requestComplete && !m_requestTrailers);
    }
    if (!m_ended && m_requestTrailers)
        m_router->decodeTrailers(*m_requestTrailers);
}

void ActiveStream::decodeData(net::Buffer &data, bool endStream)
{
    if (m_ended) {
        data.clear();
        return;
    }
    if (endStream && !m_passedOn && !data.isEmpty() && m_encoder.protocol() != http::Protocol::Http2) {
        // To filters that wait for it a body's end is an event of its own: it may already be too much.
        decodeData(data, false);
        if (m_ended)
            return;
    }
    m_info.bytesReceived += data.size();
    if (endStream) {
        m_requestComplete = true;
        m_info.lastDownstreamRx = dispatcher().updateNow();
        m_requestTimer.reset();
    }
    armIdleTimer();
    if (m_passedOn) {
        m_router->decodeData(data, endStream);
        return;
    }
    if (m_responseComplete || m_responseStarted) {
        data.clear();
        return;
    }
    m_held.move(data);
    if (!m_holding && m_held.size() > bufferLimit()) {
        m_holding = true;
        m_encoder.stream().readDisable(true);
    }
    tellStoppedFilter();
}

void ActiveStream::setBufferLimit(std::uint64_t bytes)
{
    m_bufferLimit = bytes;
    if (m_holding && m_held.size() <= bytes) {
        m_holding = false;
        m_encoder.stream().readDisable(false);
    }
}

void ActiveStream::tellStoppedFilter()
{
    if (m_nextFilter > 0 && !m_inFilters)
        m_filters[m_nextFilter - 1]->onBodyHeld(m_requestComplete);
}

void ActiveStream::decodeTrailers(http::HeaderMapPtr trailers)
{
    if (m_ended)
        return;
    m_requestComplete = true;
    m_info.lastDownstreamRx = dispatcher().updateNow();
    m_requestTimer.reset();
    armIdleTimer();
    m_requestTrailers = std::move(trailers);
    if (m_passedOn)
        m_router->decodeTrailers(*m_requestTrailers);
    else if (!m_responseStarted)
        tellStoppedFilter();
}

void ActiveStream::restoreStrippedPort()
{
    if (m_strippedPort == 0)
        return;
    const std::string host =
        std::string(m_requestHeaders->get(Known::Authority)) + ':' + std::to_string(m_strippedPort);
    m_requestHeaders->set(Known::Authority, host);
}

} // namespace sallyport::server
