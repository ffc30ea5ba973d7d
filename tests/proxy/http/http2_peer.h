// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "tests/proxy/net/peers.h"

#include <QCoreApplication>
#include <list>
#include <map>
#include <nghttp2/nghttp2.h>

/// The other end of an HTTP/2 connection: libnghttp2, told to send whatever a test wants, right or wrong.
class Http2Peer
{
public:
    using Fields = std::vector<std::pair<std::string, std::string>>;
    struct Message
    {
        std::string head; ///< `name=value` in order; several blocks are separated by `|`
        std::string body;
        bool ended = false;
        std::optional<std::uint32_t> reset; ///< RST_STREAM's code
    };
    enum class Side { Client, Server };

    explicit Http2Peer(Side side, std::vector<nghttp2_settings_entry> own = {})
    {
        nghttp2_session_callbacks *callbacks = nullptr;
        nghttp2_session_callbacks_new(&callbacks);
        nghttp2_session_callbacks_set_on_begin_headers_callback(
            callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *self) {
                Message &message = of(self).messages[frame->hd.stream_id];
                message.head += message.head.empty() ? "" : "|";
                return 0;
            });
        nghttp2_session_callbacks_set_on_header_callback(
            callbacks,
            [](nghttp2_session *, const nghttp2_frame *frame, const std::uint8_t *name, std::size_t nameSize,
               const std::uint8_t *value, std::size_t valueSize, std::uint8_t, void *self) {
                std::string &head = of(self).messages[frame->hd.stream_id].head;
                if (!head.empty() && head.back() != '|')
                    head += ',';
                head.append(reinterpret_cast<const char *>(name), nameSize).append("=");
                head.append(reinterpret_cast<const char *>(value), valueSize);
                return 0;
            });
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
            callbacks, [](nghttp2_session *, std::uint8_t, std::int32_t id, const std::uint8_t *bytes,
                          std::size_t size, void *self) {
                of(self).messages[id].body.append(reinterpret_cast<const char *>(bytes), size);
                return 0;
            });
        nghttp2_session_callbacks_set_on_frame_recv_callback(
            callbacks, [](nghttp2_session *, const nghttp2_frame *frame, void *self) {
                of(self).onFrame(*frame);
                return 0;
            });
        nghttp2_option *option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_http_messaging(option, 1); // a test may break the rules
        nghttp2_option_set_no_auto_window_update(option, 1);
        (side == Side::Client ? nghttp2_session_client_new2
                              : nghttp2_session_server_new2)(&m_session, callbacks, this, option);
        nghttp2_option_del(option);
        nghttp2_session_callbacks_del(callbacks);
        nghttp2_submit_settings(m_session, NGHTTP2_FLAG_NONE, own.data(), own.size());
    }
    ~Http2Peer() { nghttp2_session_del(m_session); }
    Http2Peer(const Http2Peer &) = delete;
    Http2Peer &operator=(const Http2Peer &) = delete;

    nghttp2_session *session() { return m_session; }
    /// Bytes that go out as they are, before what libnghttp2 has to send.
    void raw(std::string_view bytes) { m_raw += bytes; }

    std::int32_t request(const Fields &fields, bool endStream = true)
    {
        const std::vector<nghttp2_nv> list = asList(fields);
        return nghttp2_submit_headers(m_session, endStream ? NGHTTP2_FLAG_END_STREAM : 0, -1, nullptr,
                                      list.data(), list.size(), nullptr);
    }
    void headers(std::int32_t id, const Fields &fields, bool endStream)
    {
        const std::vector<nghttp2_nv> list = asList(fields);
        nghttp2_submit_headers(m_session, endStream ? NGHTTP2_FLAG_END_STREAM : 0, id, nullptr, list.data(),
                               list.size(), nullptr);
    }
    /// As much of it as the codec's windows allow.
    void data(std::int32_t id, std::string bytes, bool endStream)
    {
        Body &body = m_bodies[id];
        body.bytes = std::move(bytes);
        body.end = endStream;
        nghttp2_data_provider provider{};
        provider.source.ptr = &body;
        provider.read_callback = [](nghttp2_session *, std::int32_t, std::uint8_t *to, std::size_t most,
                                    std::uint32_t *flags, nghttp2_data_source *source, void *) -> ssize_t {
            Body &from = *static_cast<Body *>(source->ptr);
            const std::size_t size = std::min(most, from.bytes.size() - from.sent);
            std::copy_n(from.bytes.data() + from.sent, size, reinterpret_cast<char *>(to));
            from.sent += size;
            if (from.sent == from.bytes.size()) {
                *flags |= NGHTTP2_DATA_FLAG_EOF;
                if (!from.end)
                    *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
            }
            return static_cast<ssize_t>(size);
        };
        nghttp2_submit_data(m_session, endStream ? NGHTTP2_FLAG_END_STREAM : 0, id, &provider);
    }
    /// How much of the body given to data() has gone out.
    std::size_t sent(std::int32_t id) { return m_bodies[id].sent; }
    void reset(std::int32_t id, std::uint32_t code)
    {
        nghttp2_submit_rst_stream(m_session, NGHTTP2_FLAG_NONE, id, code);
    }
    /// Lets the codec send `size` more bytes on the stream and the connection.
    void openWindows(std::int32_t id, std::int32_t size)
    {
        nghttp2_submit_window_update(m_session, NGHTTP2_FLAG_NONE, id, size);
        nghttp2_submit_window_update(m_session, NGHTTP2_FLAG_NONE, 0, size);
    }

    /// Carries bytes to and fro until nobody has more to say; what dispatch() said last.
    sallyport::http::CodecStatus exchange(sallyport::http::Codec &codec, Pair &pair)
    {
        sallyport::http::CodecStatus status;
        for (bool busy = true; busy;) {
            busy = false;
            std::string out;
            const std::uint8_t *bytes = nullptr;
            for (ssize_t size = 0; (size = nghttp2_session_mem_send(m_session, &bytes)) > 0;)
                out.append(reinterpret_cast<const char *>(bytes), static_cast<std::size_t>(size));
            out += std::exchange(m_raw, {});
            if (!out.empty() && status.ok() &&
                pair.connection->state() == sallyport::net::Connection::State::Open) {
                busy = true;
                sallyport::net::Buffer buffer(out);
                status = codec.dispatch(buffer);
            }
            QCoreApplication::processEvents();
            const std::string in = pair.take();
            if (!in.empty()) {
                busy = true;
                received += in.size();
                nghttp2_session_mem_recv(m_session, reinterpret_cast<const std::uint8_t *>(in.data()),
                                         in.size());
            }
        }
        return status;
    }

    std::map<std::int32_t, Message> messages;
    std::vector<std::pair<std::int32_t, std::uint32_t>> goAways; ///< last stream, code
    std::map<std::int32_t, std::uint32_t> settings;              ///< of the codec
    int pings = 0;
    std::size_t received = 0;

private:
    struct Body
    {
        std::string bytes;
        std::size_t sent = 0;
        bool end = false;
    };
    static Http2Peer &of(void *self) { return *static_cast<Http2Peer *>(self); }
    /// libnghttp2 would write names in lower case if it copied them.
    std::vector<nghttp2_nv> asList(const Fields &given)
    {
        std::vector<nghttp2_nv> list;
        const Fields &fields = m_fields.emplace_back(given);
        const auto bytes = [](const std::string &text) {
            return const_cast<std::uint8_t *>(reinterpret_cast<const std::uint8_t *>(text.data()));
        };
        for (const auto &[name, value] : fields)
            list.push_back(
                {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NO_COPY_NAME});
        return list;
    }
    void onFrame(const nghttp2_frame &frame)
    {
        const bool end = (frame.hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
        if ((frame.hd.type == NGHTTP2_HEADERS || frame.hd.type == NGHTTP2_DATA) && end)
            messages[frame.hd.stream_id].ended = true;
        if (frame.hd.type == NGHTTP2_RST_STREAM)
            messages[frame.hd.stream_id].reset = frame.rst_stream.error_code;
        if (frame.hd.type == NGHTTP2_GOAWAY)
            goAways.emplace_back(frame.goaway.last_stream_id, frame.goaway.error_code);
        if (frame.hd.type == NGHTTP2_PING && (frame.hd.flags & NGHTTP2_FLAG_ACK) == 0)
            ++pings;
        if (frame.hd.type == NGHTTP2_SETTINGS) {
            for (std::size_t i = 0; i < frame.settings.niv; ++i)
                settings[frame.settings.iv[i].settings_id] = frame.settings.iv[i].value;
        }
    }

    nghttp2_session *m_session = nullptr;
    std::map<std::int32_t, Body> m_bodies;
    std::list<Fields> m_fields;
    std::string m_raw;
};
