// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/byte_stream.h"

#include <QRegularExpression>
#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace golden {

namespace {

using Clock = std::chrono::steady_clock;

/// `unknown_ca` out of OpenSSL's `tlsv1 alert unknown ca`.
QString alertName()
{
    static const QRegularExpression form("^(?:sslv3|tlsv1|tlsv13|ssl/tls) alert (.*)$");
    const unsigned long error = ERR_peek_last_error();
    const char *reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    ERR_clear_error();
    const QString text = QString::fromLatin1(reason).toLower();
    if (const auto match = form.match(text); match.hasMatch())
        return match.captured(1).replace(' ', '_');
    if (text.isEmpty() || text.contains("eof"))
        return "closed";
    return QString(text).replace(' ', '_');
}

} // namespace

ByteStream::ByteStream(int fd, std::chrono::milliseconds readTime)
    : m_fd(fd)
    , m_readTime(readTime)
{
    ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

ByteStream::~ByteStream()
{
    SSL_free(m_tls);
    ::close(m_fd);
}

ByteStream::Wait ByteStream::wait(short events, Clock::time_point deadline) const
{
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    pollfd polled{m_fd, events, 0};
    return ::poll(&polled, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 1))) > 0 ? Wait::Ready
                                                                                             : Wait::TimedOut;
}

bool ByteStream::retryTls(int result, Clock::time_point deadline)
{
    switch (SSL_get_error(m_tls, result)) {
    case SSL_ERROR_WANT_READ:
        if (wait(POLLIN, deadline) == Wait::TimedOut)
            throw Late();
        return true;
    case SSL_ERROR_WANT_WRITE:
        if (wait(POLLOUT, deadline) == Wait::TimedOut)
            throw Late();
        return true;
    default:
        return false;
    }
}

bool ByteStream::startTls(SSL *session, bool server)
{
    m_tls = session;
    SSL_set_fd(m_tls, m_fd);
    const auto deadline = Clock::now() + ReadTime;
    for (;;) {
        ERR_clear_error();
        const int result = server ? SSL_accept(m_tls) : SSL_connect(m_tls);
        if (result == 1)
            return true;
        if (!retryTls(result, deadline)) {
            m_tlsError = alertName();
            return false;
        }
    }
}

bool ByteStream::fill(std::optional<std::chrono::milliseconds> time)
{
    if (m_ended)
        return false;
    const auto deadline = Clock::now() + time.value_or(m_readTime);
    char bytes[65536];
    for (;;) {
        if (m_tls != nullptr) {
            ERR_clear_error();
            const int got = SSL_read(m_tls, bytes, sizeof bytes);
            if (got > 0) {
                m_buffer.append(bytes, got);
                return true;
            }
            if (retryTls(got, deadline))
                continue;
            const int error = SSL_get_error(m_tls, got);
            if (error == SSL_ERROR_SSL) {
                const QString name = alertName();
                // An end without close_notify is an end.
                if (name != "closed")
                    m_tlsError = name;
            }
            m_ended = true;
            return false;
        }
        if (wait(POLLIN, deadline) == Wait::TimedOut)
            throw Late();
        const ssize_t got = ::recv(m_fd, bytes, sizeof bytes, 0);
        if (got > 0) {
            m_buffer.append(bytes, got);
            return true;
        }
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            continue;
        m_ended = true;
        return false;
    }
}

std::optional<QByteArray> ByteStream::until(const QByteArray &mark)
{
    qsizetype at = -1;
    while ((at = m_buffer.indexOf(mark)) < 0) {
        if (!fill())
            return std::nullopt;
    }
    const QByteArray head = m_buffer.left(at + mark.size());
    m_buffer.remove(0, head.size());
    return head;
}

QByteArray ByteStream::exactly(qsizetype count)
{
    while (m_buffer.size() < count && fill()) {
    }
    QByteArray bytes = m_buffer.left(count);
    m_buffer.remove(0, bytes.size());
    return bytes;
}

QByteArray ByteStream::rest()
{
    while (fill()) {
    }
    return takeBuffer();
}

bool ByteStream::send(const QByteArray &bytes)
{
    const auto deadline = Clock::now() + ReadTime;
    qsizetype sent = 0;
    while (sent < bytes.size()) {
        const auto left = static_cast<std::size_t>(bytes.size() - sent);
        if (m_tls != nullptr) {
            ERR_clear_error();
            const int wrote = SSL_write(m_tls, bytes.constData() + sent, static_cast<int>(left));
            if (wrote > 0)
                sent += wrote;
            else if (!retryTls(wrote, deadline))
                return false;
            continue;
        }
        const ssize_t wrote = ::send(m_fd, bytes.constData() + sent, left, MSG_NOSIGNAL);
        if (wrote > 0)
            sent += wrote;
        else if (errno != EAGAIN && errno != EINTR)
            return false;
        else if (wait(POLLOUT, deadline) == Wait::TimedOut)
            throw Late();
    }
    return true;
}

void ByteStream::shutdownWrite()
{
    ::shutdown(m_fd, SHUT_WR);
}

void ByteStream::armReset()
{
    const linger abort{1, 0};
    ::setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

} // namespace golden
