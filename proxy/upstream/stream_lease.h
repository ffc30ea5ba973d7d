// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/telemetry/filter_state.h"
#include "proxy/upstream/cluster.h"

#include <memory>

namespace sallyport::upstream {

/// A request's stream to an upstream host. Destroy it when the stream has ended or was reset: a pooled
/// connection then goes back to its pool, or is closed if it cannot carry another.
class StreamLease
{
public:
    StreamLease() = default;
    virtual ~StreamLease() = default;
    StreamLease(const StreamLease &) = delete;
    StreamLease &operator=(const StreamLease &) = delete;

    virtual http::RequestEncoder &encoder() = 0;
    /// Gives the stream up before it has ended; its callbacks hear nothing of it.
    virtual void abandon() = 0;
    /// The stream was reset by the peer or with its connection: counts it.
    virtual void onReset(http::ResetReason reason) = 0;
    virtual net::Connection *connection() = 0;
    virtual const HostPtr &host() const = 0;
    virtual ClusterInfo &cluster() const = 0;
    /// What the connection was told of filter state when it was made; null: nothing.
    virtual std::shared_ptr<const telemetry::FilterState> sharedState() const { return nullptr; }
    /// False: the host sees the plain bytes of a tunnel.
    virtual bool speaksHttp() const { return true; }
};

/// Gets what was asked of a pool: a stream, or why there is none. One of the two, once, perhaps at once.
class PoolCallbacks
{
public:
    virtual ~PoolCallbacks() = default;
    virtual void onPoolReady(std::unique_ptr<StreamLease> lease) = 0;
    virtual void onPoolFailure(http::ResetReason reason, const std::string &transportFailure,
                               const HostPtr &host) = 0;
};

/// Waits for a connection; destroying it withdraws the request.
class PendingStream
{
public:
    virtual ~PendingStream() = default;
};

} // namespace sallyport::upstream
