// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/load_connection.h"

#include <openssl/err.h>

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace load {

namespace {

int keepSession(SSL *ssl, SSL_SESSION *session)
{
    Run &run = *static_cast<Run *>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    run.savedSession.reset(session);
    return 1;
}

} // namespace

void makeContext(Run &run)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (!run.options.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context, run.options.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context, run.options.key.c_str(), SSL_FILETYPE_PEM) != 1)) {
        ERR_print_errors_fp(stderr);
        std::exit(2);
    }
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT);
    if (run.options.resume) {
        SSL_CTX_set_app_data(context, &run);
        SSL_CTX_sess_set_new_cb(context, keepSession);
    }
    run.context.reset(context);
}

void Connection::open()
{
    close();
    m_fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(m_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<std::uint16_t>(m_run.options.port));
    ::inet_pton(AF_INET, m_run.options.address.c_str(), &to.sin_addr);
    m_state = State::Connecting;
    m_in.clear();
    m_left = -1;
    if (::connect(m_fd, reinterpret_cast<sockaddr *>(&to), sizeof to) != 0 && errno != EINPROGRESS) {
        std::perror("connect");
        m_state = State::Dead;
        return;
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = this;
    ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, m_fd, &event);
}

void Connection::close()
{
    if (m_ssl) {
        SSL_set_shutdown(m_ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(m_ssl);
        m_ssl = nullptr;
    }
    if (m_fd >= 0)
        ::close(m_fd);
    m_fd = -1;
    m_state = State::Dead;
}

void Connection::send(Clock::time_point due)
{
    m_due = due;
    m_state = State::Waiting;
    m_left = -1;
    m_in.clear();
    const auto sent = m_ssl ? SSL_write(m_ssl, m_run.request.data(), static_cast<int>(m_run.request.size()))
                            : ::send(m_fd, m_run.request.data(), m_run.request.size(), MSG_NOSIGNAL);
    if (std::cmp_not_equal(sent, m_run.request.size()))
        fail();
}

bool Connection::advance()
{
    m_answered = false;
    if (m_state == State::Connecting)
        connected();
    if (m_state == State::Handshaking)
        handshake();
    if (m_state == State::Waiting || m_state == State::Idle)
        read();
    return m_answered;
}

void Connection::connected()
{
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(m_fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) {
        if (error != EINPROGRESS)
            fail();
        return;
    }
    if (!m_run.options.tls) {
        m_state = State::Idle;
        return;
    }
    m_ssl = SSL_new(m_run.context.get());
    SSL_set_fd(m_ssl, m_fd);
    SSL_set_tlsext_host_name(m_ssl, m_run.options.host.c_str());
    SSL_set_connect_state(m_ssl);
    if (m_run.options.resume && m_run.savedSession)
        SSL_set_session(m_ssl, m_run.savedSession.get());
    m_state = State::Handshaking;
}

void Connection::handshake()
{
    const int done = SSL_do_handshake(m_ssl);
    if (done == 1) {
        m_state = State::Idle;
        return;
    }
    const int why = SSL_get_error(m_ssl, done);
    if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        fail();
}

void Connection::read()
{
    static char buffer[256 * 1024];
    for (;;) {
        long got = 0;
        if (m_ssl) {
            got = SSL_read(m_ssl, buffer, sizeof buffer);
            if (got <= 0) {
                const int why = SSL_get_error(m_ssl, static_cast<int>(got));
                if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE)
                    return;
                ERR_clear_error();
                return fail();
            }
        } else {
            got = ::recv(m_fd, buffer, sizeof buffer, 0);
            if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
                return;
            if (got <= 0) {
                if (!m_run.measuring)
                    std::fprintf(stderr, "connection ended: %s\n", got < 0 ? std::strerror(errno) : "FIN");
                return fail();
            }
        }
        take({buffer, static_cast<std::size_t>(got)});
        if (m_state == State::Dead)
            return;
    }
}

void Connection::take(std::string_view bytes)
{
    if (m_run.measuring)
        m_run.counts.bytes += bytes.size();
    if (m_left < 0) {
        m_in.append(bytes);
        const std::size_t end = m_in.find("\r\n\r\n");
        if (end == std::string::npos)
            return;
        m_status = std::atoi(m_in.c_str() + 9);
        std::string head = m_in.substr(0, end + 2);
        std::transform(head.begin(), head.end(), head.begin(),
                       [](unsigned char c) { return std::tolower(c); });
        const std::size_t length = head.find("\r\ncontent-length:");
        if (length == std::string::npos) {
            std::fprintf(stderr, "an answer without content-length: %s\n", head.c_str());
            std::exit(1);
        }
        m_closes = head.find("\r\nconnection: close\r\n") != std::string::npos;
        m_left = std::atol(head.c_str() + length + 17) - static_cast<long>(m_in.size() - end - 4);
    } else {
        m_left -= static_cast<long>(bytes.size());
    }
    if (m_left > 0)
        return;
    m_left = -1;
    m_in.clear();
    m_state = State::Idle;
    m_answered = true;
    // Nothing more is sent where the proxy said that it closes.
    if (m_closes)
        close();
    if (!m_run.measuring)
        return;
    ++m_run.counts.answers;
    m_run.counts.not200 += m_status == 200 ? 0 : 1;
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - m_due).count();
    m_run.counts.latenciesUs.push_back(static_cast<std::uint32_t>(took));
}

void Connection::fail()
{
    if (m_run.measuring && m_state != State::Idle)
        ++m_run.counts.broken;
    close();
}

} // namespace load
