// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QString>
#include <chrono>
#include <openssl/ssl.h>
#include <optional>

namespace golden {

/// Thrown when an expected answer does not arrive in time.
struct Late
{
};

inline constexpr std::chrono::milliseconds ReadTime{8000};

/// A connected socket, perhaps with TLS on it, read through a buffer with a deadline for each read. Blocks
/// its thread. Owns both.
class ByteStream
{
public:
    explicit ByteStream(int fd, std::chrono::milliseconds readTime = ReadTime);
    ~ByteStream();
    ByteStream(const ByteStream &) = delete;
    ByteStream &operator=(const ByteStream &) = delete;

    /// Does a handshake with this session (which it takes over). On failure tlsError() says why.
    bool startTls(SSL *session, bool server);
    SSL *tls() const { return m_tls; }
    /// An alert's name (`unknown_ca`), or `closed`.
    const QString &tlsError() const { return m_tlsError; }

    /// Waits for more bytes. False: the end (or a reset). Throws Late.
    bool fill(std::optional<std::chrono::milliseconds> time = {});
    /// Up to and with `mark`; none if the end comes first.
    std::optional<QByteArray> until(const QByteArray &mark);
    /// Fewer only at the end.
    QByteArray exactly(qsizetype count);
    QByteArray rest();
    QByteArray takeBuffer() { return std::exchange(m_buffer, {}); }
    bool isBufferEmpty() const { return m_buffer.isEmpty(); }
    bool ended() const { return m_ended; }

    /// False: the peer takes no more. Throws Late.
    bool send(const QByteArray &bytes);
    void shutdownWrite();
    /// Closing will send RST.
    void armReset();
    int fd() const { return m_fd; }

private:
    enum class Wait { Ready, TimedOut };
    Wait wait(short events, std::chrono::steady_clock::time_point deadline) const;
    /// After an SSL call that failed: true, if it is to be tried again.
    bool retryTls(int result, std::chrono::steady_clock::time_point deadline);

    int m_fd;
    SSL *m_tls = nullptr;
    std::chrono::milliseconds m_readTime;
    QByteArray m_buffer;
    QString m_tlsError;
    bool m_ended = false;
};

} // namespace golden
