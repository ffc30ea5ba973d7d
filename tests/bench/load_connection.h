// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/net/openssl_ptr.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace load {

using Clock = std::chrono::steady_clock;

struct Options
{
    std::string mode = "requests"; ///< requests, handshakes, idle
    std::string address = "127.0.0.1";
    int port = 0;
    std::string host = "test.com";
    std::string path = "/";
    int connections = 32;
    double seconds = 5;
    double warmUp = 1;
    double rate = 0; ///< requests a second; 0: as fast as answers come
    int count = 0;   ///< ends after so many answers; 0: after `seconds`
    bool tls = false;
    bool resume = false;
    std::string certificate;
    std::string key;
};

/// What was seen while measuring.
struct Counts
{
    std::uint64_t answers = 0;
    std::uint64_t not200 = 0;
    std::uint64_t broken = 0; ///< connections that ended without their answer
    std::uint64_t bytes = 0;
    std::vector<std::uint32_t> latenciesUs;
};
/// What all connections of a run share. One thread.
struct Run
{
    Options options;
    std::string request; ///< the bytes of every request
    bool measuring = false;
    Counts counts;
    sallyport::net::SslCtxPtr context;
    sallyport::net::SslSessionPtr savedSession; ///< the latest ticket, for Options::resume
};

/// The TLS side of a run: its certificate, and whether it keeps tickets. Exits if a file cannot be read.
void makeContext(Run &run);

/// One connection to the proxy, driven by edge-triggered epoll: whoever waits calls advance().
class Connection
{
public:
    enum class State { Connecting, Handshaking, Idle, Waiting, Dead };

    Connection(Run &run, int epoll)
        : m_run(run)
        , m_epoll(epoll)
    {
    }
    ~Connection() { close(); }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    void open();
    void close();
    State state() const { return m_state; }
    bool resumed() const { return m_ssl && SSL_session_reused(m_ssl) == 1; }

    /// `due`: when the request should have gone out.
    void send(Clock::time_point due);
    /// Goes on; true when an answer has just come.
    bool advance();

private:
    void connected();
    void handshake();
    void read();
    void take(std::string_view bytes);
    void fail();

    Run &m_run;
    int m_epoll;
    int m_fd = -1;
    SSL *m_ssl = nullptr;
    State m_state = State::Dead;
    bool m_answered = false;
    bool m_closes = false;
    std::string m_in;
    long m_left = -1; ///< of the body; -1: the head is not complete
    int m_status = 0;
    Clock::time_point m_due;
};

} // namespace load
