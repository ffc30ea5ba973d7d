// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/http2_frames.h"

#include <QStringList>
#include <QtEndian>

namespace golden {

namespace {

constexpr qsizetype MostPayload = 16384;

const QStringList errorNames{"NO_ERROR",
                             "PROTOCOL_ERROR",
                             "INTERNAL_ERROR",
                             "FLOW_CONTROL_ERROR",
                             "SETTINGS_TIMEOUT",
                             "STREAM_CLOSED",
                             "FRAME_SIZE_ERROR",
                             "REFUSED_STREAM",
                             "CANCEL",
                             "COMPRESSION_ERROR",
                             "CONNECT_ERROR",
                             "ENHANCE_YOUR_CALM",
                             "INADEQUATE_SECURITY",
                             "HTTP_1_1_REQUIRED"};

std::uint32_t numberAt(const QByteArray &bytes, qsizetype at)
{
    return qFromBigEndian<quint32>(bytes.mid(at, 4).leftJustified(4, '\0').constData());
}

/// A literal without indexing and without Huffman (RFC 7541 6.2.2): any bytes go through as they are.
void appendLiteral(QByteArray &block, const HeaderPair &header)
{
    block += '\0';
    for (const QByteArray *text : {&header.first, &header.second}) {
        qsizetype size = text->size();
        if (size < 127) {
            block += static_cast<char>(size);
        } else {
            block += '\x7f';
            for (size -= 127; size >= 128; size >>= 7)
                block += static_cast<char>((size & 127) | 128);
            block += static_cast<char>(size);
        }
        block += *text;
    }
}

} // namespace

const QByteArray Http2Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

QString http2ErrorName(std::uint32_t code)
{
    return code < static_cast<std::uint32_t>(errorNames.size()) ? errorNames[static_cast<qsizetype>(code)]
                                                                : QString::number(code);
}

std::uint32_t http2ErrorCode(const QByteArray &name)
{
    return static_cast<std::uint32_t>(std::max<qsizetype>(errorNames.indexOf(QString::fromLatin1(name)), 0));
}

QByteArray bigEndian(std::uint32_t value)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(value, bytes.data());
    return bytes;
}

Http2Frames::Http2Frames(ByteStream &stream)
    : m_stream(stream)
{
    nghttp2_hd_inflate_new(&m_inflater);
}

Http2Frames::~Http2Frames()
{
    nghttp2_hd_inflate_del(m_inflater);
}

void Http2Frames::sendRaw(const QByteArray &bytes)
{
    if (m_held)
        *m_held += bytes;
    else
        m_stream.send(bytes);
}

void Http2Frames::release()
{
    const QByteArray held = *std::exchange(m_held, std::nullopt);
    m_stream.send(held);
}

void Http2Frames::sendFrame(Type type, std::uint8_t flags, std::uint32_t stream, const QByteArray &payload)
{
    QByteArray frame = bigEndian(static_cast<std::uint32_t>(payload.size())).mid(1);
    frame += static_cast<char>(type);
    frame += static_cast<char>(flags);
    sendRaw(frame + bigEndian(stream) + payload);
}

void Http2Frames::sendHeaders(std::uint32_t stream, const HeaderPairs &headers, bool endStream)
{
    QByteArray block;
    for (const HeaderPair &header : headers)
        appendLiteral(block, header);
    for (qsizetype at = 0; at == 0 || at < block.size(); at += MostPayload) {
        std::uint8_t flags = at + MostPayload >= block.size() ? EndHeaders : 0;
        if (at == 0 && endStream)
            flags |= EndStream;
        sendFrame(at == 0 ? Type::Headers : Type::Continuation, flags, stream, block.mid(at, MostPayload));
    }
}

void Http2Frames::sendData(std::uint32_t stream, const QByteArray &data, bool endStream)
{
    for (qsizetype at = 0; at == 0 || at < data.size(); at += MostPayload) {
        const bool last = at + MostPayload >= data.size();
        sendFrame(Type::Data, endStream && last ? EndStream : 0, stream, data.mid(at, MostPayload));
    }
}

HeaderPairs Http2Frames::decode(const QByteArray &block)
{
    HeaderPairs headers;
    const auto *at = reinterpret_cast<const std::uint8_t *>(block.constData());
    auto left = static_cast<std::size_t>(block.size());
    for (;;) {
        nghttp2_nv header;
        int flags = 0;
        const ssize_t used = nghttp2_hd_inflate_hd2(m_inflater, &header, &flags, at, left, 1);
        if (used < 0)
            break;
        at += used;
        left -= static_cast<std::size_t>(used);
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
            headers.emplace_back(QByteArray(reinterpret_cast<const char *>(header.name),
                                            static_cast<qsizetype>(header.namelen)),
                                 QByteArray(reinterpret_cast<const char *>(header.value),
                                            static_cast<qsizetype>(header.valuelen)));
        if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0)
            break;
        if ((flags & NGHTTP2_HD_INFLATE_EMIT) == 0 && left == 0)
            break;
    }
    nghttp2_hd_inflate_end_headers(m_inflater);
    return headers;
}

Http2Frames::Event Http2Frames::next()
{
    constexpr std::uint8_t Padded = 8;
    constexpr std::uint8_t Priority = 32;
    for (;;) {
        const QByteArray head = m_stream.exactly(9);
        if (head.size() < 9)
            return {};
        const auto size = static_cast<qsizetype>(numberAt(QByteArray(1, '\0') + head.left(3), 0));
        const auto type = static_cast<Type>(head[3]);
        const auto flags = static_cast<std::uint8_t>(head[4]);
        Event event;
        event.stream = numberAt(head, 5) & 0x7fffffffU;
        event.endStream = (flags & EndStream) != 0;
        QByteArray payload = m_stream.exactly(size);
        if (payload.size() < size)
            return {};
        if ((type == Type::Data || type == Type::Headers) && (flags & Padded) != 0)
            payload = payload.mid(1, payload.size() - 1 - static_cast<unsigned char>(payload[0]));
        switch (type) {
        case Type::Data:
            if (size > 0) {
                const QByteArray more = bigEndian(static_cast<std::uint32_t>(size));
                sendFrame(Type::WindowUpdate, 0, 0, more);
                sendFrame(Type::WindowUpdate, 0, event.stream, more);
            }
            event.kind = Event::Kind::Data;
            event.data = payload;
            return event;
        case Type::Headers: {
            if ((flags & Priority) != 0)
                payload.remove(0, 5);
            for (std::uint8_t more = flags; (more & EndHeaders) == 0;) {
                const QByteArray next = m_stream.exactly(9);
                if (next.size() < 9)
                    return {};
                more = static_cast<std::uint8_t>(next[4]);
                payload +=
                    m_stream.exactly(static_cast<qsizetype>(numberAt(QByteArray(1, '\0') + next.left(3), 0)));
            }
            event.kind = Event::Kind::Headers;
            event.headers = decode(payload);
            return event;
        }
        case Type::Reset:
            event.kind = Event::Kind::Reset;
            event.error = http2ErrorName(numberAt(payload, 0));
            return event;
        case Type::Settings:
            if ((flags & Ack) == 0)
                sendFrame(Type::Settings, Ack, 0);
            break;
        case Type::Ping:
            if ((flags & Ack) == 0)
                sendFrame(Type::Ping, Ack, 0, payload);
            break;
        case Type::GoAway:
            event.kind = Event::Kind::GoAway;
            event.error = http2ErrorName(numberAt(payload, 4));
            return event;
        default:
            break;
        }
    }
}

} // namespace golden
