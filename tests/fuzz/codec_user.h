// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"
#include "proxy/net/connection.h"
#include "tests/fuzz/fuzz_input.h"

#include <QCoreApplication>
#include <list>
#include <sys/socket.h>

/// A connection whose other end nobody reads.
class DeafConnection final : public sallyport::net::ConnectionCallbacks
{
public:
    DeafConnection()
    {
        int fds[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
            std::abort();
        m_peer = sallyport::net::Descriptor(fds[1]);
        connection = sallyport::net::Connection::accepted(*sallyport::net::EpollDispatcher::current(),
                                                          sallyport::net::Descriptor(fds[0]), {},
                                                          sallyport::net::makePlainTransport());
        connection->setCallbacks(this);
        connection->start();
    }
    ~DeafConnection() override { connection->close(sallyport::net::CloseType::NoFlush); }

    void onData(sallyport::net::Buffer &data, bool) override { data.clear(); }
    void onClosed(sallyport::net::CloseEvent) override
    {
        if (codec != nullptr)
            codec->connectionEnded(sallyport::http::ResetReason::ConnectionTermination, {});
    }

    sallyport::http::Codec *codec = nullptr;
    std::unique_ptr<sallyport::net::Connection> connection;

private:
    sallyport::net::Descriptor m_peer;
};

/// Gives the thread the dispatcher that connections need.
inline void prepareThread()
{
    static int argc = 1;
    static char name[] = "fuzz";
    static char *argv[] = {name, nullptr};
    QCoreApplication::setEventDispatcher(new sallyport::net::EpollDispatcher);
    static QCoreApplication app(argc, argv);
}

/// A server's user that breaks no rule of the codec's contract and checks that the codec breaks none: nothing
/// comes after the end or the reset of a stream. How it answers is decided by `decisions`.
class FuzzServer final : public sallyport::http::ServerConnectionCallbacks
{
public:
    explicit FuzzServer(unsigned char decisions)
        : m_decisions(decisions)
    {
    }
    sallyport::http::RequestDecoder &newStream(sallyport::http::ResponseEncoder &encoder) override
    {
        m_requests.push_back(std::make_unique<Request>(*this, encoder));
        return *m_requests.back();
    }
    /// Lets streams that are paused go on.
    void resume()
    {
        for (const std::unique_ptr<Request> &request : m_requests)
            request->resume();
    }

private:
    enum Decision : unsigned char {
        AnswerEarly = 1,
        WithBody = 2,
        WithTrailers = 4,
        Interim = 8,
        Pause = 16,
        ResetAtData = 32,
        NoAnswer = 64,
    };

    struct Request final : sallyport::http::RequestDecoder, sallyport::http::StreamCallbacks
    {
        Request(FuzzServer &owner, sallyport::http::ResponseEncoder &responseEncoder)
            : server(owner)
            , encoder(&responseEncoder)
        {
            encoder->stream().setCallbacks(this);
        }
        bool decides(Decision decision) const { return (server.m_decisions & decision) != 0; }

        void decodeHeaders(sallyport::http::HeaderMapPtr headers, bool endStream) override
        {
            check(!headersSeen && !over);
            headersSeen = true;
            for (const auto &header : *headers)
                check(!header.name.empty());
            if (decides(Pause)) {
                paused = true;
                encoder->stream().readDisable(true);
            }
            if (decides(Interim))
                encoder->encodeInformational(*answer(100));
            onPart(endStream);
        }
        void decodeData(sallyport::net::Buffer &data, bool endStream) override
        {
            check(headersSeen && !over);
            data.clear();
            if (decides(ResetAtData)) {
                encoder->stream().resetStream(sallyport::http::ResetReason::LocalReset);
                return;
            }
            onPart(endStream);
        }
        void decodeTrailers(sallyport::http::HeaderMapPtr trailers) override
        {
            check(headersSeen && !over && trailers != nullptr);
            onPart(true);
        }
        void sendLocalReply(unsigned status, std::string_view, std::string_view details) override
        {
            check(!over && !details.empty());
            if (!answered)
                send(status);
        }
        void onResetStream(sallyport::http::ResetReason, std::string_view) override
        {
            // Also when the answer is complete, but not written yet.
            check(!gone);
            gone = true;
            over = true;
            encoder = nullptr;
        }
        void onAboveWriteBufferHighWatermark() override {}
        void onBelowWriteBufferLowWatermark() override {}

        void onPart(bool endStream)
        {
            over = over || endStream;
            if (!answered && !decides(NoAnswer) && (endStream || decides(AnswerEarly)))
                send(200);
            else if (answered && endStream)
                encoder = nullptr;
        }
        static sallyport::http::HeaderMapPtr answer(unsigned status)
        {
            auto headers = sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Response);
            headers->setStatus(status);
            return headers;
        }
        void send(unsigned status)
        {
            answered = true;
            const bool body = decides(WithBody);
            encoder->encodeHeaders(*answer(status), !body && !decides(WithTrailers));
            if (body && encoder != nullptr) {
                sallyport::net::Buffer data(std::string_view("an answer's body"));
                encoder->encodeData(data, !decides(WithTrailers));
            }
            if (decides(WithTrailers) && encoder != nullptr) {
                auto trailers =
                    sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Trailers);
                trailers->add("x-end", "1");
                encoder->encodeTrailers(*trailers);
            }
            if (encoder == nullptr)
                return;
            if (!over)
                encoder->stream().resetStream(sallyport::http::ResetReason::LocalReset);
            else
                encoder = nullptr; // both sides have ended: it may go
        }
        void resume()
        {
            if (!paused || encoder == nullptr)
                return;
            paused = false;
            encoder->stream().readDisable(false);
        }

        FuzzServer &server;
        sallyport::http::ResponseEncoder *encoder;
        bool headersSeen = false;
        bool answered = false;
        bool over = false;
        bool paused = false;
        bool gone = false;
    };

    const unsigned char m_decisions;
    std::list<std::unique_ptr<Request>> m_requests;
};

/// A client's user, likewise.
class FuzzClient final : public sallyport::http::ResponseDecoder, public sallyport::http::StreamCallbacks
{
public:
    void begin(sallyport::http::ClientCodec &codec, std::string_view method, std::string_view upgrade)
    {
        m_encoder = &codec.newStream(*this);
        m_encoder->stream().setCallbacks(this);
        auto headers = sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Request);
        headers->set(sallyport::http::Known::Method, method);
        headers->set(sallyport::http::Known::Scheme, "http");
        headers->set(sallyport::http::Known::Authority, "host");
        headers->set(sallyport::http::Known::Path, "/");
        if (!upgrade.empty()) {
            headers->set(sallyport::http::Known::Connection, "upgrade");
            headers->set(sallyport::http::Known::Upgrade, upgrade);
        }
        check(m_encoder->encodeHeaders(*headers, upgrade.empty()));
    }
    bool isOver() const { return m_over; }

    void decodeInformational(sallyport::http::HeaderMapPtr headers) override
    {
        check(!m_over && !m_headersSeen && headers->status() < 200);
    }
    void decodeHeaders(sallyport::http::HeaderMapPtr headers, bool endStream) override
    {
        check(!m_over && !m_headersSeen && headers->status() != 100);
        m_headersSeen = true;
        m_over = endStream;
    }
    void decodeData(sallyport::net::Buffer &data, bool endStream) override
    {
        check(!m_over && m_headersSeen);
        data.clear();
        m_over = endStream;
    }
    void decodeTrailers(sallyport::http::HeaderMapPtr trailers) override
    {
        check(!m_over && m_headersSeen && trailers != nullptr);
        m_over = true;
    }
    void onResetStream(sallyport::http::ResetReason, std::string_view) override
    {
        check(!m_reset);
        m_reset = true;
        m_over = true;
    }
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

private:
    sallyport::http::RequestEncoder *m_encoder = nullptr;
    bool m_headersSeen = false;
    bool m_over = false;
    bool m_reset = false;
};

class NoObserver final : public sallyport::http::ConnectionObserver
{
};

/// Feeds the rest of `input` to `codec` in slices; `between` runs after each.
template<typename Between>
void feedSlices(sallyport::http::Codec &codec, DeafConnection &peer, FuzzInput &input, Between between)
{
    sallyport::net::Buffer buffer;
    while (!input.atEnd() && peer.connection->state() == sallyport::net::Connection::State::Open) {
        // Small slices cut tokens, large ones hold several messages.
        const std::size_t size = input.byte();
        buffer.append(input.take(size < 200 ? size + 1 : size * 16));
        if (!codec.dispatch(buffer).ok())
            return;
        between();
    }
    if (peer.connection->state() == sallyport::net::Connection::State::Open)
        static_cast<void>(codec.dispatchEnd());
}
