// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/filters/filter.h"
#include "proxy/server/shadow_request.h"
#include "proxy/server/upstream_request.h"
#include "proxy/telemetry/route_stats.h"
#include "proxy/upstream/previous_priorities.h"
#include "proxy/upstream/retry_state.h"

#include <array>
#include <vector>

namespace sallyport::server {

class ActiveStream;

/// The router filter: sends one request to its cluster, tries again where the route says so, and brings back
/// what came of it (source/common/router/router.cc; envoy-behaviour.md 4).
class Router final : private ShadowedRequest
{
public:
    explicit Router(ActiveStream &stream);
    /// Gives up what is under way.
    ~Router() override;
    Router(const Router &) = delete;
    Router &operator=(const Router &) = delete;

    void decodeHeaders(http::HeaderMap &headers, bool endStream);
    void decodeData(net::Buffer &data, bool endStream);
    void decodeTrailers(const http::HeaderMap &trailers);
    /// The bytes of the attempt that runs, which its end adds to the stream's own count.
    void addMeters(telemetry::StreamInfo &info) const;
    /// The stream is about to end: its facts are to be complete.
    void takeMeters();
    /// Another attempt has its connection: what hedged ones receive from now on counts no more.
    void takeHedgedMeters();
    /// The client reads too slowly, or has caught up.
    void pauseResponse(bool pause);

    // For its attempts.
    ActiveStream &stream() { return m_stream; }
    net::EpollDispatcher &dispatcher();
    std::chrono::milliseconds perTryTimeout() const { return m_perTryTimeout; }
    std::chrono::milliseconds perTryIdleTimeout() const { return m_perTryIdleTimeout; }
    /// How long an attempt may last, if the request says so; 0: as long as it likes.
    std::optional<std::chrono::milliseconds> attemptDuration() const { return m_attemptDuration; }
    void onAttached(http::HeaderMap &headers, const upstream::Host &host);
    void onRequestBytesSent() { m_requestBytesSent = true; }
    void onUnsendable(UpstreamRequest &request);
    void onInformational(UpstreamRequest &request, http::HeaderMapPtr headers);
    void onUpstreamHeaders(UpstreamRequest &request, http::HeaderMapPtr headers, bool endStream);
    void onUpstreamData(UpstreamRequest &request, net::Buffer &data, bool endStream);
    void onUpstreamTrailers(UpstreamRequest &request, http::HeaderMapPtr trailers);
    void onUpstreamReset(UpstreamRequest &request, http::ResetReason reason,
                         const std::string &transportFailure);
    void onPerTryTimeout(UpstreamRequest &request, bool idle);
    void onMaxStreamDuration(UpstreamRequest &request);

private:
    struct Failure
    {
        unsigned status = 503;
        std::optional<telemetry::ResponseFlag> flag;
        std::string body;
        std::string details;
        bool overflow = false;
    };
    bool passesStrictChecks(const http::HeaderMap &headers);
    void answerDirectly(http::HeaderMap &headers);
    bool findCluster(http::HeaderMap &headers);
    /// The cluster takes no request now: it has been answered.
    bool isTurnedAway();
    void setTimeouts(http::HeaderMap &headers);
    void writeExpectedTimeout(http::HeaderMap &headers, std::chrono::milliseconds elapsed) const;
    void finalizeHeaders(http::HeaderMap &headers);
    upstream::HostPtr chooseHost(const http::HeaderMap &headers);
    net::TlsClientOverrides tlsOverrides(const http::HeaderMap &headers, http::Protocol protocol) const;
    bool endsTunnel(const http::HeaderMap &headers) const;
    bool startAttempt(bool endStream);
    void replyNoHealthyUpstream();
    void onRequestComplete();
    void startTimeouts();
    /// A request that is to be copied, as it is when its copy begins.
    struct Mirror
    {
        const dataplane::MirrorPolicy *policy;
        http::HeaderMapPtr headers;
    };
    std::vector<Mirror> chooseMirrors(const http::HeaderMap &headers);
    // ShadowedRequest
    void onShadowEnd(ShadowRequest &shadow) override;
    void pauseForShadow(bool pause) override;
    enum class After { Failure, Timeout };
    /// Whether the failure leads to another attempt; otherwise says in the flags why not.
    bool retry(UpstreamRequest &request, bool wouldRetry, After after = After::Failure);
    /// The same without a word on the attempt before.
    bool takeRetry(bool wouldRetry);
    void scheduleRetry(After after);
    // Hedging: attempts that take too long go on beside the next one.
    bool wantsHedging(const http::HeaderMap &headers) const;
    void hedge(UpstreamRequest &request);
    bool isHedged(const UpstreamRequest &request) const;
    /// Another attempt than this one is under way or will be.
    bool mayOthersSucceed(const UpstreamRequest &request) const;
    /// This attempt's answer is the one that is given: the others are given up.
    void settleOn(UpstreamRequest &request);
    void giveUp(std::unique_ptr<UpstreamRequest> attempt);
    void giveUpHedged();
    void doRetry();
    void leaveRetryBreaker();
    void chooseCounters(const http::HeaderMap &headers);
    void countForRoute(telemetry::Counter *telemetry::RouteStats::*which) const;
    bool followRedirect(UpstreamRequest &request, const http::HeaderMap &answer, bool endStream);
    bool changeTarget(const http::HeaderMap &answer);
    void removeAttempt(UpstreamRequest &request);
    void onTimeout();
    /// The request as a whole took too long: one of its attempts, or none.
    void timeOut(std::unique_ptr<UpstreamRequest> attempt);
    void abort(const Failure &failure);
    /// Answers to who asks after this proxy's health tell nothing of a cluster.
    bool chargesClusters() const;
    void chargeCode(unsigned status, const upstream::HostPtr &host);
    void chargeHost(const upstream::HostPtr &host, const http::HeaderMap *headers, bool endStream);
    void chargeAbort(unsigned status, const upstream::HostPtr &host);
    void completeUpstream(UpstreamRequest &request);
    void countTimeoutBudget();
    void reply(unsigned status, std::string_view body, std::string_view details,
               std::optional<telemetry::ResponseFlag> flag, bool overflow = false);
    upstream::ClusterStats::Origin origin(const upstream::HostPtr &host) const;
    /// Something of an answer came from an upstream, be it only a 1xx.
    bool hasAnswered() const;

    ActiveStream &m_stream;
    const dataplane::CompiledRoute *m_route = nullptr;
    const dataplane::RouteAction *m_action = nullptr;
    const dataplane::WeightedCluster *m_weighted = nullptr;
    upstream::ClusterInfoPtr m_cluster;
    /// An attempt that has hit its per-try timeout and goes on; what was known of it then.
    struct Hedged
    {
        std::unique_ptr<UpstreamRequest> attempt;
        std::unique_ptr<const telemetry::StreamInfo> facts;
    };
    std::unique_ptr<UpstreamRequest> m_attempt; ///< the latest
    std::vector<Hedged> m_hedged;
    std::optional<upstream::RetryState> m_retries;
    std::vector<const upstream::Host *> m_triedHosts;
    std::optional<upstream::PreviousPriorities> m_triedPriorities;
    std::vector<std::string> m_setCookies;
    std::array<telemetry::RouteStats *, 2>
        m_counters{};                       ///< the virtual cluster's and the route's; null: none
    std::vector<ShadowRequest *> m_shadows; ///< those that are still fed
    net::Buffer m_buffered;                 ///< the request's body, kept for retries and redirects
    bool m_hasBody = false;                 ///< the request; it may be empty
    http::HeaderMapPtr m_trailers;
    std::optional<net::Timer> m_timeoutTimer;
    std::optional<net::Timer> m_backOffTimer;
    std::chrono::milliseconds m_timeout{0};
    std::chrono::milliseconds m_perTryTimeout{0};
    std::chrono::milliseconds m_perTryIdleTimeout{0};
    std::optional<std::chrono::milliseconds> m_attemptDuration;
    net::Clock::time_point m_requestCompleteAt;
    std::uint64_t m_bufferLimit = 0;
    unsigned m_attemptCount = 1;
    unsigned m_timeoutStatus = 504;
    bool m_requestComplete = false;
    bool m_timeoutsStarted = false;
    bool m_requestBytesSent = false;
    bool m_inRetryBreaker = false;
    bool m_waitingForRetry = false;
    bool m_hedges = false;
    After m_retryAfter = After::Failure;
    bool m_grpc = false;
    bool m_informed = false;
    bool m_canary = false;
    bool m_grpcPending = false; ///< the host has not been charged yet: the status is still to come
    bool m_started = false;
    bool m_buffering = false;
    bool m_bodyLost = false; ///< too large to be kept
    bool m_dropBody = false; ///< the body of a failed upgrade
    int m_pauses = 0;
};

} // namespace sallyport::server
