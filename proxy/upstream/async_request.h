// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/timer.h"
#include "proxy/upstream/cluster_manager.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sallyport::upstream {

/// What came of a request that the proxy made itself.
struct AsyncAnswer
{
    enum class Failure { None, NoCluster, NoHost, Connection, Reset, Timeout, TooLarge };
    Failure failure = Failure::None;
    http::HeaderMapPtr headers; ///< null after a failure
    std::string body;
};

/// One request of the proxy's own to a cluster, with its whole answer. Lives on its worker's thread.
class AsyncRequest final : public std::enable_shared_from_this<AsyncRequest>,
                           private PoolCallbacks,
                           private http::ResponseDecoder,
                           private http::StreamCallbacks
{
public:
    using OnAnswer = std::function<void(AsyncAnswer)>;

    /// `onAnswer` is called once, perhaps before this returns; not after cancel(). `timeout` 0: none.
    static std::shared_ptr<AsyncRequest> send(ClusterManager &clusters, const std::string &cluster,
                                              http::HeaderMapPtr headers, std::string body,
                                              std::chrono::milliseconds timeout, std::uint64_t random,
                                              OnAnswer onAnswer);
    void cancel();

private:
    AsyncRequest(ClusterManager &clusters, http::HeaderMapPtr headers, std::string body, OnAnswer onAnswer);
    void start(const std::string &cluster, std::chrono::milliseconds timeout, std::uint64_t random);
    void end(AsyncAnswer::Failure failure);
    void letGo(bool complete);
    void onTimeout();

    void onPoolReady(std::unique_ptr<StreamLease> lease) override;
    void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                       const HostPtr &host) override;
    void decodeInformational(http::HeaderMapPtr headers) override;
    void decodeHeaders(http::HeaderMapPtr headers, bool endStream) override;
    void decodeData(net::Buffer &data, bool endStream) override;
    void decodeTrailers(http::HeaderMapPtr) override;
    void onResetStream(http::ResetReason reason, std::string_view transportFailureReason) override;
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

    ClusterManager &m_clusters;
    http::HeaderMapPtr m_headers;
    std::string m_body;
    OnAnswer m_onAnswer;
    ClusterInfoPtr m_cluster;
    HostPtr m_host;
    net::Timer m_timer;
    net::Clock::time_point m_startedAt;
    std::unique_ptr<PendingStream> m_pending;
    std::unique_ptr<StreamLease> m_lease;
    AsyncAnswer m_answer;
    bool m_streamOver = false;
    bool m_informed = false;              ///< an interim answer has come
    std::shared_ptr<AsyncRequest> m_self; ///< while it runs
};

} // namespace sallyport::upstream
