// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/codec_stats.h"

namespace sallyport::telemetry {

namespace {

using http::CodecEvent;

struct EventName
{
    CodecEvent event;
    const char *name;
};

constexpr EventName http1Counters[] = {
    {CodecEvent::Http1DroppedHeadersWithUnderscores, "dropped_headers_with_underscores"},
    {CodecEvent::Http1RequestsRejectedWithUnderscores, "requests_rejected_with_underscores_in_headers"},
    {CodecEvent::Http1ResponseFlood, "response_flood"},
};

constexpr EventName http2Counters[] = {
    {CodecEvent::Http2DroppedHeadersWithUnderscores, "dropped_headers_with_underscores"},
    {CodecEvent::Http2RequestsRejectedWithUnderscores, "requests_rejected_with_underscores_in_headers"},
    {CodecEvent::Http2GoawaySent, "goaway_sent"},
    {CodecEvent::Http2HeaderOverflow, "header_overflow"},
    {CodecEvent::Http2HeaderListSizeTooLarge, "header_list_size_too_large"},
    {CodecEvent::Http2HeadersCallbackNoStream, "headers_cb_no_stream"},
    {CodecEvent::Http2InboundEmptyFramesFlood, "inbound_empty_frames_flood"},
    {CodecEvent::Http2InboundPriorityFramesFlood, "inbound_priority_frames_flood"},
    {CodecEvent::Http2InboundWindowUpdateFramesFlood, "inbound_window_update_frames_flood"},
    {CodecEvent::Http2KeepaliveTimeout, "keepalive_timeout"},
    {CodecEvent::Http2OutboundControlFlood, "outbound_control_flood"},
    {CodecEvent::Http2OutboundFlood, "outbound_flood"},
    {CodecEvent::Http2RxMessagingError, "rx_messaging_error"},
    {CodecEvent::Http2RxReset, "rx_reset"},
    {CodecEvent::Http2StreamRefusedErrors, "stream_refused_errors"},
    {CodecEvent::Http2Trailers, "trailers"},
    {CodecEvent::Http2TxFlushTimeout, "tx_flush_timeout"},
    {CodecEvent::Http2TxReset, "tx_reset"},
};

constexpr EventName http2Gauges[] = {
    {CodecEvent::Http2StreamsActive, "streams_active"},
    {CodecEvent::Http2PendingSendBytes, "pending_send_bytes"},
};

} // namespace

CodecStats::CodecStats(StatsStore &store, std::string prefix)
    : m_store(store)
    , m_prefix(std::move(prefix))
{
}

void CodecStats::nameProtocol(http::Protocol protocol)
{
    if (protocol == http::Protocol::Http2)
        std::call_once(m_http2Named, [this] { nameHttp2(); });
    else
        std::call_once(m_http1Named, [this] { nameHttp1(); });
}

void CodecStats::onCodecMade(http::Protocol protocol, bool server)
{
    nameProtocol(protocol);
    if (protocol != http::Protocol::Http2)
        return;
    Counter &made = *(server ? m_http2Servers : m_http2Clients).load(std::memory_order_relaxed);
    // The first connection has its settings to send.
    if (made.value() == 0) {
        for (const char *name : {"http2.outbound_frames_active", "http2.outbound_control_frames_active"})
            m_store.gauge(m_prefix + name).touch();
    }
    made.inc();
}

void CodecStats::nameHttp1()
{
    const std::string prefix = m_prefix + "http1.";
    for (const EventName &each : http1Counters)
        m_counters[static_cast<std::size_t>(each.event)] = &m_store.counter(prefix + each.name);
    m_store.counter(prefix + "metadata_not_supported_error");
}

void CodecStats::nameHttp2()
{
    const std::string prefix = m_prefix + "http2.";
    for (const EventName &each : http2Counters)
        m_counters[static_cast<std::size_t>(each.event)] = &m_store.counter(prefix + each.name);
    for (const EventName &each : http2Gauges)
        m_gauges[static_cast<std::size_t>(each.event)] = &m_store.gauge(prefix + each.name);
    m_http2Servers = &m_store.counter(prefix + "nghttp2_downstream_connections");
    m_http2Clients = &m_store.counter(prefix + "nghttp2_upstream_connections");
    // Envoy has these too. What they count does not happen here, or is not followed: the limits of
    // outbound frames are looked at when there is more to write, not when the system has taken some.
    for (const char *name : {"cookies_total_bytes_too_large", "metadata_empty_frames",
                             "oghttp2_downstream_connections", "oghttp2_upstream_connections"})
        m_store.counter(prefix + name);
    for (const char *name :
         {"deferred_stream_close", "outbound_frames_active", "outbound_control_frames_active"})
        m_store.gauge(prefix + name);
    for (const char *name : {"cookie_count", "cookie_size", "header_count", "header_list_size"})
        m_store.histogram(prefix + name);
}

void CodecStats::onCodecEvent(http::CodecEvent event, int delta)
{
    const auto index = static_cast<std::size_t>(event);
    if (Counter *counter = m_counters[index].load(std::memory_order_relaxed))
        counter->add(static_cast<std::uint64_t>(delta));
    else if (Gauge *gauge = m_gauges[index].load(std::memory_order_relaxed))
        gauge->add(delta);
}

} // namespace sallyport::telemetry
