// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTest>

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <functional>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>
#include <vector>

inline sockaddr_in loopback(quint16 port, const char *ip = "127.0.0.1")
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    inet_pton(AF_INET, ip, &address.sin_addr);
    return address;
}

inline quint16 portOf(int fd)
{
    sockaddr_in address{};
    socklen_t length = sizeof address;
    getsockname(fd, reinterpret_cast<sockaddr *>(&address), &length);
    return ntohs(address.sin_port);
}

/// A port that was free a moment ago.
inline quint16 freePort()
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in any = loopback(0);
    if (::bind(fd, reinterpret_cast<const sockaddr *>(&any), sizeof any) != 0)
        qFatal("no free port");
    const quint16 port = portOf(fd);
    ::close(fd);
    return port;
}

/// A client with blocking calls; the servers under test run in other threads.
class Client
{
public:
    explicit Client(quint16 port, const char *source = nullptr, const char *destination = "127.0.0.1")
        : m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const timeval patience{10, 0};
        setsockopt(m_fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(m_fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        if (source != nullptr) {
            const sockaddr_in from = loopback(0, source);
            if (::bind(m_fd, reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0)
                qFatal("%s is no address of this machine", source);
        }
        const sockaddr_in to = loopback(port, destination);
        connected = ::connect(m_fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0;
    }
    /// Through a Unix socket.
    explicit Client(const QByteArray &path)
        : m_fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.left(sizeof address.sun_path - 1).toStdString().copy(address.sun_path, sizeof address.sun_path);
        connected = ::connect(m_fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) == 0;
    }
    ~Client() { close(); }
    Client(const Client &) = delete;
    Client &operator=(const Client &) = delete;

    void send(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    /// False: the other side ended, or took nothing for as long as the client waits.
    bool sendsAll(std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(m_fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    void setPatience(std::chrono::milliseconds patience)
    {
        const timeval time{patience.count() / 1000, patience.count() % 1000 * 1000};
        setsockopt(m_fd, SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
    }
    void finish() { ::shutdown(m_fd, SHUT_WR); }
    void reset()
    {
        const linger abort{1, 0};
        setsockopt(m_fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
        close();
    }
    void close()
    {
        if (m_fd >= 0)
            ::close(std::exchange(m_fd, -1));
    }
    /// Exactly so many bytes, fewer if the connection ends.
    std::string read(std::size_t count)
    {
        std::string bytes(count, '\0');
        const ssize_t got = ::recv(m_fd, bytes.data(), count, MSG_WAITALL);
        wasReset = wasReset || (got < 0 && errno == ECONNRESET);
        bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return bytes;
    }
    /// Everything up to `end`, with it, and maybe more; without it if the connection ends first.
    std::string readUntil(std::string_view end)
    {
        std::string all;
        char buffer[4096];
        while (all.find(end) == std::string::npos) {
            const ssize_t got = ::recv(m_fd, buffer, sizeof buffer, 0);
            if (got <= 0)
                break;
            all.append(buffer, static_cast<std::size_t>(got));
        }
        return all;
    }
    /// Everything until the other side ends; `wasReset` tells how.
    std::string readAll()
    {
        std::string all;
        char buffer[65536];
        while (true) {
            const ssize_t got = ::recv(m_fd, buffer, sizeof buffer, 0);
            if (got == 0)
                break;
            if (got < 0) {
                wasReset = errno == ECONNRESET;
                stillOpen = errno == EAGAIN || errno == EWOULDBLOCK;
                break;
            }
            all.append(buffer, static_cast<std::size_t>(got));
        }
        return all;
    }
    /// Nothing has come and the other side has not ended.
    bool isQuiet()
    {
        char byte = 0;
        return ::recv(m_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
               (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    void setReceiveBuffer(int bytes) { setsockopt(m_fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes); }
    quint16 localPort() const { return portOf(m_fd); }
    int fd() const { return m_fd; }

    bool connected = false;
    bool wasReset = false;
    bool stillOpen = false;

private:
    int m_fd;
};

/// A server whose connections `serve` handles, each on a thread of its own.
class Peer
{
public:
    using Serve = std::function<void(int fd)>;

    explicit Peer(Serve serve)
        : m_serve(std::move(serve))
        , m_fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    {
        const sockaddr_in any = loopback(0);
        if (::bind(m_fd, reinterpret_cast<const sockaddr *>(&any), sizeof any) != 0 ||
            ::listen(m_fd, 1024) != 0)
            qFatal("cannot listen");
        port = portOf(m_fd);
        m_acceptor = std::thread([this] {
            while (true) {
                const int connection = ::accept4(m_fd, nullptr, nullptr, SOCK_CLOEXEC);
                if (connection < 0)
                    return;
                ++connections;
                m_threads.emplace_back([this, connection] {
                    const timeval patience{10, 0};
                    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
                    m_serve(connection);
                    ::close(connection);
                });
            }
        });
    }
    ~Peer()
    {
        ::shutdown(m_fd, SHUT_RDWR);
        ::close(m_fd);
        m_acceptor.join();
        for (std::thread &thread : m_threads)
            thread.join();
    }
    Peer(const Peer &) = delete;
    Peer &operator=(const Peer &) = delete;

    /// Sends everything back; after the client's FIN says `|end`.
    static void echo(int fd)
    {
        char buffer[65536];
        ssize_t got = 0;
        while ((got = ::recv(fd, buffer, sizeof buffer, 0)) > 0)
            sendAll(fd, std::string_view(buffer, static_cast<std::size_t>(got)));
        if (got == 0)
            sendAll(fd, "|end");
    }
    static Serve saying(std::string text)
    {
        return [text = std::move(text)](int fd) {
            sendAll(fd, text);
            ::shutdown(fd, SHUT_WR);
            char buffer[4096];
            while (::recv(fd, buffer, sizeof buffer, 0) > 0) {
            }
        };
    }
    static void sendAll(int fd, std::string_view bytes)
    {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0)
                return;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
    }
    static void reset(int fd)
    {
        const linger abort{1, 0};
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    }

    quint16 port = 0;
    std::atomic<int> connections{0};

private:
    Serve m_serve;
    int m_fd;
    std::thread m_acceptor;
    std::vector<std::thread> m_threads;
};

/// For a Peer: every request is answered with 200 and an empty body.
inline void answerEach(int fd)
{
    char buffer[4096];
    while (::recv(fd, buffer, sizeof buffer, 0) > 0)
        Peer::sendAll(fd, "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
}
