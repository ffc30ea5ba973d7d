// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/http_connection_manager.h"
#include "core/dataplane/value_matchers.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sallyport::http {

/// Everything a codec is told by configuration, with Envoy's defaults. Made once per listener or cluster and
/// shared by its codecs, which keep a reference.
struct CodecSettings
{
    /// Request (server) or response (client) headers; the server's default is 60, the client's 80.
    std::uint32_t maxHeadersKb = 60;
    std::uint32_t maxHeadersCount = 100;
    dataplane::HeadersWithUnderscores underscores = dataplane::HeadersWithUnderscores::Allow;

    // HTTP/1
    bool allowAbsoluteUrl = true;
    bool acceptHttp10 = false;
    std::string defaultHostForHttp10;
    dataplane::Http1ProtocolOptions::HeaderCase headerCase =
        dataplane::Http1ProtocolOptions::HeaderCase::Lower;
    bool enableTrailers = false;
    bool allowChunkedLength = false;
    bool allowCustomMethods = false;
    bool sendFullyQualifiedUrl = false;
    bool http1StreamErrorOnInvalidMessage = false;
    bool refusesHttpsInPlaintext = false;                   ///< targets `https://…`; servers only
    std::vector<dataplane::CompiledString> ignoredUpgrades; ///< protocols of requests; servers only

    // HTTP/2
    std::uint32_t hpackTableSize = 4096;
    std::uint32_t maxConcurrentStreams = 1024;
    std::uint32_t streamWindow = 16 * 1024 * 1024;
    std::uint32_t connectionWindow = 24 * 1024 * 1024;
    bool allowConnect = false;
    std::uint32_t maxOutboundFrames = 10'000;
    std::uint32_t maxOutboundControlFrames = 1'000;
    std::uint32_t maxConsecutiveEmptyInboundFrames = 1;
    std::uint32_t maxInboundPriorityFramesPerStream = 100;
    std::uint32_t maxInboundWindowUpdatesPerDataFrameSent = 10;
    bool http2StreamErrorOnInvalidMessage = false;
    std::chrono::milliseconds keepaliveInterval{0}; ///< 0: no PING
    std::chrono::milliseconds keepaliveTimeout{0};
    /// A connection that was silent for so long is asked for an answer when a stream begins; 0: never.
    std::chrono::milliseconds keepaliveIdleInterval{0};
    double keepaliveJitterPercent = 15; ///< of the interval, added at random

    static CodecSettings forServer(const dataplane::HttpConnectionManager &manager);
    static CodecSettings forClient(const dataplane::CommonHttpProtocolOptions &common,
                                   const dataplane::Http1ProtocolOptions &http1,
                                   const dataplane::Http2ProtocolOptions &http2);
};

} // namespace sallyport::http
