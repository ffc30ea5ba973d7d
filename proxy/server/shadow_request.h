// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/route.h"
#include "proxy/http/header_map.h"
#include "proxy/net/buffer.h"

namespace sallyport::server {

class ActiveStream;

/// Whether this request is one of those that the policy copies.
bool shouldShadow(const dataplane::MirrorPolicy &policy, std::uint64_t random);

/// Sends a copy of a complete request to the policy's cluster and forgets it: nobody waits for the answer
/// (source/common/router/shadow_writer_impl.cc). `trailers` may be null.
void sendShadow(ActiveStream &stream, const dataplane::MirrorPolicy &policy, const http::HeaderMap &headers,
                const net::Buffer &body, const http::HeaderMap *trailers);

} // namespace sallyport::server
