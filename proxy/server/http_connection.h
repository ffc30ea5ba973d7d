// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/counted_apart.h"
#include "proxy/server/http_manager.h"
#include "proxy/telemetry/buffered_bytes.h"

#include <list>
#include <memory>

namespace sallyport::server {

class ActiveStream;

/// One downstream HTTP connection: its codec, its streams, and when it ends
/// (source/common/http/conn_manager_impl.cc).
class HttpConnection final : public ConnectionHandler, public http::ServerConnectionCallbacks
{
public:
    HttpConnection(std::shared_ptr<const HttpManager> manager, const ConnectionContext &context);
    ~HttpConnection() override;

    // ConnectionHandler
    void onNewConnection() override;
    void onConnected() override;
    void onData(net::Buffer &data, bool endStream) override;
    void onSent() override;
    void onAboveHighWatermark() override;
    void onBelowLowWatermark() override;
    void onClosed(net::CloseEvent event) override;
    void onDrain() override;
    bool isIdle() const override { return m_streams.empty(); }
    bool adopt(const TerminalFilter &successor, const std::shared_ptr<const ChainInfo> &chain) override;

    // http::ServerConnectionCallbacks
    http::RequestDecoder &newStream(http::ResponseEncoder &encoder) override;
    void onGoAway(std::uint32_t errorCode) override;
    void onStreamsFlushed() override;
    bool endsWithAnswer() const override { return m_drain != Drain::Draining; }

    // For its streams.
    const std::shared_ptr<const HttpManager> &manager() const { return m_manager; }
    const ChainInfo &chain() const { return *m_chain; }
    WorkerContext &worker() { return m_worker; }
    net::Connection &connection() { return m_connection; }
    /// Null: overload does not concern this connection.
    const OverloadState *overload() const { return m_chain->bypassesOverload ? nullptr : m_worker.overload; }
    const dataplane::ConnectionFacts &facts();
    /// What the listener's log may know: what was spoken, and whether it made sense.
    const telemetry::StreamInfo *streamInfo() const override;
    std::shared_ptr<filters::LocalRateLimiter> &connectionLimiter() { return m_limiter; }
    /// A request was read.
    void noteProtocol(http::Protocol protocol) { m_spoken = protocol; }
    const std::string &requestedServerName() const { return m_requestedServerName; }
    const std::shared_ptr<const telemetry::TlsFingerprints> &fingerprints() const { return m_fingerprints; }
    http::Protocol protocol() const;
    /// The `date` header of now, made twice a second at most.
    std::string_view date();
    bool isDraining() const { return m_drain != Drain::No; }
    /// Before an answer's head is written: begins to drain if the listener does.
    void checkDrain();
    /// HTTP/2: what has begun goes on, and the client is told to open another connection.
    void drainAfterAnswers()
    {
        if (m_drain == Drain::No)
            startDrainSequence();
    }
    /// HTTP/1: no further request after this one.
    void closeAfterThisStream();
    /// `stream` is over, in whatever way: takes it out and deletes it later.
    void release(ActiveStream &stream);
    /// Counts a stream that ended; a client that resets most of its requests at once loses the connection.
    void onStreamEnded(bool prematurely);
    /// A stream that goes on with the request of another one, which has just ended.
    ActiveStream &succeed(http::ResponseEncoder &encoder);
    /// After a stream has ended: closes if that was the last one of a draining connection. `atOnce`: nothing
    /// of the request can still be on its way.
    void closeIfDrained(bool atOnce);

private:
    enum class Drain : std::uint8_t { No, Draining, Closing };

    ActiveStream &addStream(http::ResponseEncoder &encoder);
    void makeCodec(http::Protocol protocol);
    http::Protocol protocolOf(net::Buffer &data) const;
    void onCodecError(const http::CodecStatus &status);
    void endStreams(std::optional<telemetry::ResponseFlag> flag, const std::string &details);
    /// Ends the streams for the reason for which the connection is then closed.
    void closeWithStreams(net::CloseType type, std::optional<telemetry::ResponseFlag> flag,
                          const std::string &details);
    void startDrainSequence();
    void armIdleTimer();
    void onIdleTimeout();
    void onMaxDuration();

    std::shared_ptr<const HttpManager> m_manager;
    std::shared_ptr<const HttpManager> m_codecManager; ///< keeps the settings that the codec refers to
    std::shared_ptr<const ChainInfo> m_chain;
    WorkerContext &m_worker;
    net::Connection &m_connection;
    std::optional<http::Protocol> m_spoken;
    mutable std::unique_ptr<telemetry::StreamInfo> m_info; ///< made for streamInfo()
    std::string m_requestedServerName;
    std::shared_ptr<const telemetry::TlsFingerprints> m_fingerprints;
    dataplane::ConnectionFacts m_facts;
    bool m_factsKnown = false;
    std::unique_ptr<http::ServerCodec> m_codec;
    std::list<std::unique_ptr<ActiveStream>> m_streams;
    std::shared_ptr<filters::LocalRateLimiter> m_limiter; ///< null: nobody has asked for the connection's own
    std::optional<net::Timer> m_idleTimer;
    std::optional<net::Timer> m_drainTimer;
    std::optional<net::Timer> m_durationTimer;
    std::uint64_t m_requests = 0;
    std::uint64_t m_endedStreams = 0;
    std::uint64_t m_prematureResets = 0;
    std::uint64_t m_receivedCounted = 0;
    std::uint64_t m_sentCounted = 0;
    telemetry::BufferedBytes m_received;
    telemetry::BufferedBytes m_toSend;
    Drain m_drain = Drain::No;
    bool m_closed = false;
    bool m_protocolError = false;
    bool m_tooManyResets = false;
    bool m_dispatching = false;
};

} // namespace sallyport::server
