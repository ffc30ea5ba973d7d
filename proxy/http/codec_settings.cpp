// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/codec_settings.h"

namespace sallyport::http {

namespace {

constexpr std::uint32_t ResponseHeadersKb = 80;

void apply(CodecSettings &settings, const dataplane::CommonHttpProtocolOptions &common,
           const dataplane::Http1ProtocolOptions &http1, const dataplane::Http2ProtocolOptions &http2)
{
    settings.maxHeadersCount = common.maxHeadersCount.value_or(settings.maxHeadersCount);
    settings.underscores = common.headersWithUnderscores;
    settings.allowAbsoluteUrl = http1.allowAbsoluteUrl.value_or(true);
    settings.acceptHttp10 = http1.acceptHttp10;
    settings.defaultHostForHttp10 = http1.defaultHostForHttp10;
    settings.headerCase = http1.headerCase;
    settings.enableTrailers = http1.enableTrailers;
    settings.allowChunkedLength = http1.allowChunkedLength;
    settings.allowCustomMethods = http1.allowCustomMethods;
    settings.sendFullyQualifiedUrl = http1.sendFullyQualifiedUrl;
    settings.http1StreamErrorOnInvalidMessage = http1.overrideStreamErrorOnInvalidHttpMessage.value_or(false);
    settings.hpackTableSize = http2.hpackTableSize.value_or(settings.hpackTableSize);
    settings.maxConcurrentStreams = http2.maxConcurrentStreams.value_or(settings.maxConcurrentStreams);
    settings.streamWindow = http2.initialStreamWindowSize.value_or(settings.streamWindow);
    settings.connectionWindow = http2.initialConnectionWindowSize.value_or(settings.connectionWindow);
    settings.allowConnect = http2.allowConnect;
    settings.maxOutboundFrames = http2.maxOutboundFrames.value_or(settings.maxOutboundFrames);
    settings.maxOutboundControlFrames =
        http2.maxOutboundControlFrames.value_or(settings.maxOutboundControlFrames);
    settings.maxConsecutiveEmptyInboundFrames =
        http2.maxConsecutiveInboundFramesWithEmptyPayload.value_or(settings.maxConsecutiveEmptyInboundFrames);
    settings.maxInboundPriorityFramesPerStream =
        http2.maxInboundPriorityFramesPerStream.value_or(settings.maxInboundPriorityFramesPerStream);
    settings.maxInboundWindowUpdatesPerDataFrameSent =
        http2.maxInboundWindowUpdateFramesPerDataFrameSent.value_or(
            settings.maxInboundWindowUpdatesPerDataFrameSent);
    settings.http2StreamErrorOnInvalidMessage = http2.overrideStreamErrorOnInvalidHttpMessage.value_or(false);
    if (http2.keepaliveInterval)
        settings.keepaliveInterval =
            std::chrono::duration_cast<std::chrono::milliseconds>(*http2.keepaliveInterval);
    if (http2.keepaliveTimeout)
        settings.keepaliveTimeout =
            std::chrono::duration_cast<std::chrono::milliseconds>(*http2.keepaliveTimeout);
    if (http2.keepaliveIdleInterval)
        settings.keepaliveIdleInterval =
            std::chrono::duration_cast<std::chrono::milliseconds>(*http2.keepaliveIdleInterval);
    settings.keepaliveJitterPercent = http2.keepaliveJitterPercent.value_or(settings.keepaliveJitterPercent);
}

} // namespace

CodecSettings CodecSettings::forServer(const dataplane::HttpConnectionManager &manager)
{
    CodecSettings settings;
    apply(settings, manager.common, manager.http1, manager.http2);
    settings.maxHeadersKb = manager.maxRequestHeadersKb.value_or(settings.maxHeadersKb);
    // Who is at the edge knows that nobody before it has taken the TLS away.
    settings.refusesHttpsInPlaintext = manager.useRemoteAddress && manager.xffNumTrustedHops == 0;
    const bool streamErrors = manager.streamErrorOnInvalidHttpMessage.value_or(false);
    settings.http1StreamErrorOnInvalidMessage =
        manager.http1.overrideStreamErrorOnInvalidHttpMessage.value_or(streamErrors);
    for (const dataplane::StringMatcher &protocol : manager.http1.ignoredUpgrades)
        settings.ignoredUpgrades.emplace_back(protocol);
    settings.http2StreamErrorOnInvalidMessage =
        manager.http2.overrideStreamErrorOnInvalidHttpMessage.value_or(streamErrors);
    return settings;
}

CodecSettings CodecSettings::forClient(const dataplane::CommonHttpProtocolOptions &common,
                                       const dataplane::Http1ProtocolOptions &http1,
                                       const dataplane::Http2ProtocolOptions &http2)
{
    CodecSettings settings;
    apply(settings, common, http1, http2);
    settings.maxHeadersKb = common.maxResponseHeadersKb.value_or(ResponseHeadersKb);
    return settings;
}

} // namespace sallyport::http
