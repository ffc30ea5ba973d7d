// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/http1_message.h"

#include <nghttp2/nghttp2.h>

namespace golden {

/// `PROTOCOL_ERROR`
QString http2ErrorName(std::uint32_t code);
std::uint32_t http2ErrorCode(const QByteArray &name);

extern const QByteArray Http2Preface;

/// One end of an HTTP/2 connection, frame by frame: it sends what it is told to, also what no library would.
class Http2Frames
{
public:
    explicit Http2Frames(ByteStream &stream);
    ~Http2Frames();
    Http2Frames(const Http2Frames &) = delete;
    Http2Frames &operator=(const Http2Frames &) = delete;

    enum class Type : std::uint8_t {
        Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
        WindowUpdate = 8,
        Continuation = 9
    };
    static constexpr std::uint8_t EndStream = 1;
    static constexpr std::uint8_t Ack = 1;
    static constexpr std::uint8_t EndHeaders = 4;

    struct Event
    {
        enum class Kind { Headers, Data, Reset, GoAway, End };
        Kind kind = Kind::End;
        std::uint32_t stream = 0;
        HeaderPairs headers;
        QByteArray data;
        QString error;
        bool endStream = false;
    };
    /// The next one that says something; answers SETTINGS, PING and windows on the way. Throws Late.
    Event next();

    void sendRaw(const QByteArray &bytes);
    void sendFrame(Type type, std::uint8_t flags, std::uint32_t stream, const QByteArray &payload = {});
    void sendHeaders(std::uint32_t stream, const HeaderPairs &headers, bool endStream);
    void sendData(std::uint32_t stream, const QByteArray &data, bool endStream);
    /// What is sent from now on goes out in one piece with release().
    void hold() { m_held = QByteArray(); }
    void release();

private:
    HeaderPairs decode(const QByteArray &block);

    ByteStream &m_stream;
    nghttp2_hd_inflater *m_inflater = nullptr;
    std::optional<QByteArray> m_held;
};

/// A 32-bit number in network order.
QByteArray bigEndian(std::uint32_t value);

} // namespace golden
