// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/recycled.h"
#include "proxy/server/http_connection.h"
#include "proxy/server/internal_redirect.h"
#include "proxy/server/router.h"

namespace sallyport::server {

/// One request and its answer on a downstream connection: brings the request through header checks, route
/// choice, filters and the router, and the answer back through the filters
/// (source/common/http/conn_manager_impl.cc, filter_manager.cc).
class ActiveStream final : public http::RequestDecoder,
                           public http::StreamCallbacks,
                           public filters::FilterCallbacks,
                           public net::Deferred,
                           public net::Recycled<ActiveStream>
{
public:
    using Position = std::list<std::unique_ptr<ActiveStream>>::iterator;

    ActiveStream(HttpConnection &connection, http::ResponseEncoder &encoder);
    ~ActiveStream() override;

    Position position() const { return m_position; }
    void setPosition(Position position) { m_position = position; }

    /// The connection broke, or is about to be closed for an error.
    void endWithConnection(std::optional<telemetry::ResponseFlag> flag, const std::string &details);
    /// The worker ends: nothing may be written any more.
    void onConnectionGone();

    // http::RequestDecoder
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override;
    void decodeData(net::Buffer &data, bool endStream) override;
    void decodeTrailers(http::HeaderMapPtr trailers) override;
    void sendLocalReply(unsigned status, std::string_view body, std::string_view details) override;

    // http::StreamCallbacks: the downstream side
    void onResetStream(http::ResetReason reason, std::string_view transportFailureReason) override;
    void onAboveWriteBufferHighWatermark() override;
    void onBelowWriteBufferLowWatermark() override;
    void onAnswerFlushed() override;

    // filters::FilterCallbacks
    http::HeaderMap &requestHeaders() override { return *m_requestHeaders; }
    const http::HeaderMap *readRequestHeaders() const override { return m_requestHeaders.get(); }
    telemetry::StreamInfo &streamInfo() override { return m_info; }
    const dataplane::ConnectionFacts &connectionFacts() override;
    const dataplane::CompiledRoute *route() override;
    const dataplane::WeightedCluster *weightedCluster() const override { return m_weighted; }
    void clearRoute() override;
    net::EpollDispatcher &dispatcher() override { return m_connection.worker().dispatcher; }
    void continueDecoding() override;
    void sendLocalReply(const filters::LocalReply &reply) override;
    std::uint64_t random() override { return m_connection.worker().random(); }
    upstream::ClusterManager &clusters() override { return m_connection.worker().clusters; }
    const net::Buffer &heldBody() const override { return m_held; }
    void setBufferLimit(std::uint64_t bytes) override;
    std::shared_ptr<filters::LocalRateLimiter> &connectionLimiter() override
    {
        return m_connection.connectionLimiter();
    }
    void countTooLarge() override { m_manager->stats().rqTooLarge.inc(); }

    // For the router.
    const HttpManager &manager() const { return *m_manager; }
    const std::shared_ptr<const HttpManager> &sharedManager() const { return m_manager; }
    HttpConnection &connection() { return m_connection; }
    bool requestComplete() const { return m_requestComplete; }
    bool responseStarted() const { return m_responseStarted; }
    bool isUpgrade() const { return m_upgrade; }
    /// How much of a body may be kept.
    std::uint64_t bufferLimit() const { return m_bufferLimit.value_or(m_encoder.stream().bufferLimit()); }
    /// Tells the upstream of the trace that the request is part of. `ofItsOwn`: with a span for this alone.
    void injectTrace(http::HeaderMap &headers, bool ofItsOwn = false);
    /// Of the upgrades the one whose handshake an answer of another kind breaks; with others such an answer
    /// is an answer like any.
    bool isWebSocket() const;
    void encodeInformational(http::HeaderMapPtr headers);
    void encodeHeaders(http::HeaderMapPtr headers, bool endStream);
    void encodeData(net::Buffer &data, bool endStream);
    void encodeTrailers(http::HeaderMapPtr trailers);
    /// The upstream can't take more, or can again.
    void pauseRequest(bool pause);
    /// Ends a response that has begun without completing it.
    void resetDownstream();
    /// An answer goes out although the upgrade failed: what follows on this connection is no HTTP.
    void closeAfterResponse() { m_closeAfter = true; }
    /// A cluster that goes with a new configuration stays as long as the log refers to its name.
    void keepCluster(upstream::ClusterInfoPtr cluster) { m_cluster = std::move(cluster); }
    /// An internal redirect: the request's headers lead elsewhere now, and another stream goes on with them
    /// and `body`. This one ends, with `answer` for its record, and the router with it.
    void redirect(http::HeaderMapPtr answer, net::Buffer body);
    InternalRedirects &redirects() { return m_redirects; }
    /// Puts others in the place of the request's headers, which are handed back.
    http::HeaderMapPtr exchangeRequestHeaders(http::HeaderMapPtr headers)
    {
        return std::exchange(m_requestHeaders, std::move(headers));
    }
    /// What is known by now, for a record that is written before the stream's end.
    telemetry::StreamInfo infoSoFar();
    /// A CONNECT's target gets its port back before it goes on.
    void restoreStrippedPort();

private:
    void answerForNoStatus();
    /// As they come out of the filters.
    void writeHeaders(http::HeaderMapPtr headers, bool endStream);
    void goOnFrom(ActiveStream &other);
    bool admit();
    bool checkRequest();
    bool arrive();
    bool normalizePath();
    bool acceptUpgrade();
    void createFilters();
    void runFilters();
    void tellStoppedFilter();
    void passOn();
    void refreshRoute();
    std::uint64_t weightFor(const filters::HeaderView &request);
    void finishResponse();
    void cancelTimers();
    void destroy();
    void noteForLogs();
    void writeLogs(std::string_view type);
    void armLogTimer();
    void armIdleTimer();
    void onIdleTimeout();
    void armTimers();
    void armDurationTimer();
    void onDurationReached();
    void replyForTimeout(std::string_view body, std::string_view details,
                         std::optional<telemetry::ResponseFlag> flag, bool grpcDeadline);
    void finishHeaders(http::HeaderMap &headers);
    void decorateRequest();
    void beginSpan(const Tracer &tracer);
    void decorateAnswer(http::HeaderMap &headers) const;
    unsigned timeoutStatus() const { return m_requestComplete ? 504 : 408; }

    std::shared_ptr<const HttpManager> m_manager;
    HttpConnection &m_connection;
    http::ResponseEncoder &m_encoder;
    Position m_position;
    telemetry::StreamInfo m_info;
    http::HeaderMapPtr m_requestHeaders;
    http::HeaderMapPtr m_requestTrailers;
    http::HeaderMapPtr m_responseHeaders;
    http::HeaderMapPtr m_responseTrailers;
    net::Buffer m_held; ///< body that came while a filter stopped
    std::vector<std::unique_ptr<filters::HttpFilter>> m_filters;
    std::size_t m_nextFilter = 0;
    std::optional<Router> m_router;
    upstream::ClusterInfoPtr m_cluster;
    const dataplane::CompiledRoute *m_route = nullptr;
    const dataplane::VirtualHost *m_virtualHost = nullptr;
    const dataplane::WeightedCluster *m_weighted = nullptr;
    std::string_view m_decoration; ///< of the route, unless the request named its operation itself
    dataplane::ConnectionFacts m_facts;
    std::optional<net::Timer> m_idleTimer;
    std::optional<net::Timer> m_requestTimer;
    std::optional<net::Timer> m_headersTimer;
    std::optional<net::Timer> m_durationTimer;
    std::optional<net::Timer> m_logTimer;
    std::optional<net::Soon> m_durationOver; ///< in place of the timer, when nothing is left of it
    std::chrono::milliseconds m_idleTimeout{0};
    std::optional<std::uint64_t> m_bufferLimit; ///< as a filter has set it
    std::uint16_t m_strippedPort = 0;
    TraceReason m_traceReason = TraceReason::NotTraced;
    InternalRedirects m_redirects;
    bool m_redirected = false; ///< goes on from another stream, as an internal redirect
    std::optional<TraceSpan> m_span;
    bool m_factsKnown = false;
    bool m_routeKnown = false;
    bool m_filtersCreated = false;
    bool m_inFilters = false;
    bool m_continue = false;
    bool m_passedOn = false;
    bool m_holding = false; ///< reading is paused because a filter holds the body
    bool m_requestComplete = false;
    bool m_responseStarted = false;
    bool m_responseComplete = false;
    bool m_closeAfter = false;
    bool m_head = false;
    bool m_grpc = false;
    bool m_upgrade = false;
    bool m_tunnel = false;
    bool m_ended = false;
    bool m_awaitsFlush = false; ///< the answer is complete, the codec still has some of it
    bool m_countedUpgrade = false;
};

} // namespace sallyport::server
