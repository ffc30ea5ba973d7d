// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/timer.h"
#include "proxy/upstream/cluster_manager.h"

#include <memory>
#include <optional>

namespace sallyport::server {

/// How much of a timeout was used; may be more than all of it.
std::uint64_t percentOf(std::chrono::milliseconds timeout, net::Clock::duration used);

class Router;

/// One attempt at an upstream host: waits for a connection, sends the request, hands the answer to its router
/// (source/common/router/upstream_request.cc). Owned by the router; outlives its own callbacks by deferred
/// deletion.
class UpstreamRequest final : public upstream::PoolCallbacks,
                              public http::ResponseDecoder,
                              public http::StreamCallbacks,
                              public net::Deferred
{
public:
    UpstreamRequest(Router &router, upstream::ClusterInfoPtr cluster, upstream::HostPtr host);
    ~UpstreamRequest() override;

    /// Asks `pool` for a stream; the router's callbacks may come within this call.
    void start(upstream::HttpPool &pool, bool endStream);
    /// The same for a CONNECT that ends here: what it carries goes to a TCP connection.
    void startTunnel(bool endStream);
    void encodeData(net::Buffer &data, bool endStream);
    void encodeTrailers(const http::HeaderMap &trailers);
    /// Gives the attempt up; the router hears nothing more of it.
    void reset();
    /// The answer is complete: lets the connection go.
    void finish();
    /// Writes its last record, unless it was written.
    void finishLogs();
    /// Stops or resumes reading the answer.
    void readDisable(bool disable);
    void startPerTryTimer();
    /// It has hit its per-try timeout and goes on.
    void setOverdue() { m_overdue = true; }
    bool isOverdue() const { return m_overdue; }
    /// The timeout of the whole request ends it: that of an attempt played no part.
    void leaveOutOfTimeoutBudget() { m_budgeted = false; }
    /// Adds what was sent and received to the stream's facts, once.
    void takeMeters();
    /// What was sent and received, unless the stream's facts have it already.
    void addMeters(telemetry::StreamInfo &info) const;

    const upstream::HostPtr &host() const { return m_host; }
    /// The host whose failure this was; null: the request never became one of its own.
    upstream::HostPtr failedHost() const { return m_refused ? nullptr : m_host; }
    const upstream::ClusterInfoPtr &cluster() const { return m_cluster; }
    bool awaitingHeaders() const { return m_awaitingHeaders; }
    bool requestSent() const { return m_lease && m_sentEnd; }
    bool connected() const { return m_lease != nullptr; }
    http::RequestEncoder *encoder() { return m_lease ? &m_lease->encoder() : nullptr; }

    // upstream::PoolCallbacks
    void onPoolReady(std::unique_ptr<upstream::StreamLease> lease) override;
    void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                       const upstream::HostPtr &host) override;
    // http::ResponseDecoder
    void decodeInformational(http::HeaderMapPtr headers) override;
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override;
    void decodeData(net::Buffer &data, bool endStream) override;
    void decodeTrailers(http::HeaderMapPtr trailers) override;
    // http::StreamCallbacks
    void onResetStream(http::ResetReason reason, std::string_view transportFailureReason) override;
    void onAboveWriteBufferHighWatermark() override;
    void onBelowWriteBufferLowWatermark() override;

private:
    void noteStart(bool endStream);
    void sendHeld();
    void armIdleTimer();
    void limitDuration();
    void noteReset(http::ResetReason reason);
    void armLogTimer();
    telemetry::StreamInfo ownInfo() const;
    void writeLogs(std::string_view type) const;
    void countTracked();
    void resumeDownstream();

    Router &m_router;
    upstream::ClusterInfoPtr m_cluster;
    upstream::HostPtr m_host;
    std::unique_ptr<upstream::PendingStream> m_pending;
    std::unique_ptr<upstream::StreamLease> m_lease;
    net::Buffer m_held; ///< body that waits for the connection, or for the tunnel to be granted
    http::HeaderMapPtr m_heldTrailers;
    std::optional<net::Timer> m_perTryTimer;
    std::optional<net::Timer> m_perTryIdleTimer;
    std::optional<net::Timer> m_durationTimer;
    std::optional<net::Timer> m_logTimer;
    // For the router's log.
    std::chrono::system_clock::time_point m_startWall;
    net::Clock::time_point m_start;
    http::HeaderMapPtr m_responseHeaders; ///< as they came
    http::HeaderMapPtr m_responseTrailers;
    telemetry::ResponseFlags m_flags;
    unsigned m_status = 0;
    std::optional<std::pair<std::size_t, std::size_t>> m_responseSize; ///< of headers: bytes, how many
    std::uint64_t m_bytesReceived = 0;                                 ///< of the answer's body
    std::uint64_t m_bytesSent = 0;
    bool m_metersTaken = false;
    bool m_logged = false;
    bool m_holdsBody = false; ///< in `m_held`, or an empty one
    bool m_endStream = false; ///< nothing follows what was handed over
    bool m_sentEnd = false;
    bool m_awaitingHeaders = true;
    bool m_waitForTunnel = false;
    std::uint32_t m_downstreamPauses = 0; ///< for which the upstream has too much to send
    bool m_pausedForHeld = false;
    bool m_done = false;
    bool m_overdue = false;
    bool m_budgeted = true;
    bool m_refused = false; ///< none may wait any more
};

} // namespace sallyport::server
