// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/http/header_map.h"
#include "proxy/net/buffer.h"

#include <chrono>

namespace sallyport::server {

class ActiveStream;

/// A copy of a request on its way to another cluster, which is fed with what comes of that request. Nobody
/// waits for its answer (source/common/router/shadow_writer_impl.cc).
class ShadowRequest
{
public:
    virtual ~ShadowRequest() = default;
    virtual void sendData(const net::Buffer &data, bool endStream) = 0;
    virtual void sendTrailers(const http::HeaderMap &trailers) = 0;
    /// The request has gone before it was complete, and its copy with it.
    virtual void cancel() = 0;
};

/// The request that is copied. A copy whose end has been sent knows it no more.
class ShadowedRequest
{
public:
    virtual ~ShadowedRequest() = default;
    /// The copy has ended: it must not be fed any more.
    virtual void onShadowEnd(ShadowRequest &shadow) = 0;
    /// The copy's cluster reads more slowly than the request comes, or has caught up.
    virtual void pauseForShadow(bool pause) = 0;
};

/// Whether this request is one of those that the policy copies.
bool shouldShadow(const dataplane::MirrorPolicy &policy, std::uint64_t random);

/// Begins a copy of the request that has these headers; it may last for `timeout` once it is complete (0: for
/// ever). Null: nothing more of it is wanted.
ShadowRequest *startShadow(ActiveStream &stream, ShadowedRequest &request,
                           const dataplane::MirrorPolicy &policy, const http::HeaderMap &headers,
                           bool endStream, std::chrono::milliseconds timeout);

} // namespace sallyport::server
