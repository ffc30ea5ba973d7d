// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/proxy/http/codec_trace.h"
#include "tests/proxy/net/peers.h"

namespace sallyport::http {

/// The server side of HTTP/1 on a connection whose other end is the test's.
struct Http1TestServer
{
    explicit Http1TestServer(const CodecSettings &configured = {})
        : settings(configured)
        , codec(makeServerCodec(Protocol::Http11, *pair.connection, trace, settings, &events))
    {
        pair.connection->setBufferLimit(0);
    }
    /// Hands over `bytes` in pieces of at most `size`; the trace, with `error …` at its end if there was
    /// one.
    std::string feed(std::string_view bytes, std::size_t size)
    {
        while (!bytes.empty()) {
            buffer.append(bytes.substr(0, size));
            bytes.remove_prefix(std::min(size, bytes.size()));
            const CodecStatus status = codec->dispatch(buffer);
            if (!status.ok()) {
                trace.text += "error " + status.message;
                break;
            }
        }
        return trace.text;
    }

    CodecSettings settings;
    Pair pair;
    ServerTrace trace;
    EventCounts events;
    net::Buffer buffer;
    std::unique_ptr<ServerCodec> codec;
};

inline std::string get(std::string_view lines)
{
    return "GET / HTTP/1.1\r\nhost: h\r\n" + std::string(lines) + "\r\n\r\n";
}
inline std::string post(std::string_view lines, std::string_view body)
{
    return "POST / HTTP/1.1\r\nhost: h\r\n" + std::string(lines) + "\r\n\r\n" + std::string(body);
}
inline std::string gotGet(std::string_view more)
{
    return "headers{:authority=h,:path=/,:method=GET" + std::string(more) + "}! ";
}
inline std::string gotPost(std::string_view more)
{
    return "headers{:authority=h,:path=/,:method=POST" + std::string(more) + "} ";
}

} // namespace sallyport::http
