// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/http/codec_trace.h"
#include "tests/proxy/http/http2_peer.h"

/// A server codec with libnghttp2 as its client.
struct Http2TestServer
{
    explicit Http2TestServer(const sallyport::http::CodecSettings &configured = {},
                             std::vector<nghttp2_settings_entry> client = {})
        : settings(configured)
        , peer(Http2Peer::Side::Client, std::move(client))
        , codec(sallyport::http::makeServerCodec(sallyport::http::Protocol::Http2, *pair.connection, trace,
                                                 settings, &events))
    {
        pair.connection->setBufferLimit(0);
    }
    ~Http2TestServer() { codec->connectionEnded(sallyport::http::ResetReason::ConnectionTermination, {}); }
    sallyport::http::CodecStatus exchange() { return peer.exchange(*codec, pair); }
    ServerTrace::Request &request(std::size_t index) { return *trace.requests.at(index); }

    sallyport::http::CodecSettings settings;
    Pair pair;
    ServerTrace trace;
    EventCounts events;
    Http2Peer peer;
    std::unique_ptr<sallyport::http::ServerCodec> codec;
};

inline Http2Peer::Fields getRequest(const std::string &path = "/", const Http2Peer::Fields &more = {})
{
    Http2Peer::Fields fields{{":method", "GET"}, {":scheme", "http"}, {":authority", "h"}, {":path", path}};
    fields.insert(fields.end(), more.begin(), more.end());
    return fields;
}
inline Http2Peer::Fields postRequest(const Http2Peer::Fields &more = {})
{
    Http2Peer::Fields fields = getRequest("/", more);
    fields[0].second = "POST";
    return fields;
}
