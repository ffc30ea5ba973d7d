// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTcpServer>
#include <QTcpSocket>

/// A host that answers health checks with what it is told, one after the other, and is silent after the last
/// one. It serves on the test's own thread.
class ScriptedHost : public QTcpServer
{
public:
    /// `answers`: bytes that are written; an empty one closes the connection.
    explicit ScriptedHost(QList<QByteArray> answers)
        : m_answers(std::move(answers))
    {
        listen(QHostAddress::LocalHost);
        connect(this, &QTcpServer::newConnection, this, [this] {
            while (QTcpSocket *socket = nextPendingConnection()) {
                ++m_connections;
                greet(*socket);
                auto received = std::make_shared<QByteArray>();
                connect(socket, &QTcpSocket::readyRead, this, [this, socket, received] {
                    *received += socket->readAll();
                    read(*socket, *received);
                });
            }
        });
    }

    int asked() const { return m_asked; }
    int connections() const { return m_connections; }

protected:
    virtual void greet(QTcpSocket &) {}
    /// HTTP/1 requests without bodies.
    virtual void read(QTcpSocket &socket, QByteArray &received)
    {
        const qsizetype end = received.indexOf("\r\n\r\n");
        if (end < 0)
            return;
        received.remove(0, end + 4);
        answer(socket, {});
    }
    /// What `fill` makes of the next answer, which may need a stream's number.
    void answer(QTcpSocket &socket, const std::function<QByteArray(QByteArray)> &fill)
    {
        const int next = m_asked++;
        if (next >= m_answers.size())
            return;
        const QByteArray &text = m_answers[next];
        if (text.isEmpty())
            socket.disconnectFromHost();
        else
            socket.write(fill ? fill(text) : text);
    }

private:
    QList<QByteArray> m_answers;
    int m_asked = 0;
    int m_connections = 0;
};

/// The same with HTTP/2, frame by frame. In an answer each frame is written `type flags payload`, in
/// hexadecimal digits, with `/` between frames.
class ScriptedHttp2Host : public ScriptedHost
{
public:
    using ScriptedHost::ScriptedHost;

    static QByteArray frame(char type, char flags, quint32 stream, const QByteArray &payload)
    {
        QByteArray bytes(9, '\0');
        for (int i = 0; i < 3; ++i)
            bytes[i] = static_cast<char>(payload.size() >> (16 - 8 * i));
        bytes[3] = type;
        bytes[4] = flags;
        for (int i = 0; i < 4; ++i)
            bytes[5 + i] = static_cast<char>(stream >> (24 - 8 * i));
        return bytes + payload;
    }

protected:
    void greet(QTcpSocket &socket) override { socket.write(frame(4, 0, 0, {})); }
    void read(QTcpSocket &socket, QByteArray &received) override
    {
        if (received.startsWith("PRI ")) {
            if (received.size() < 24)
                return;
            received.remove(0, 24);
        }
        while (received.size() >= 9) {
            const auto at = [&received](int i) { return static_cast<unsigned char>(received[i]); };
            const qsizetype size = at(0) << 16 | at(1) << 8 | at(2);
            if (received.size() < 9 + size)
                return;
            const int type = at(3);
            const int flags = at(4);
            const quint32 stream = static_cast<quint32>(at(5)) << 24 | static_cast<quint32>(at(6)) << 16 |
                                   static_cast<quint32>(at(7)) << 8 | at(8);
            received.remove(0, 9 + size);
            if (type == 4 && flags == 0)
                socket.write(frame(4, 1, 0, {}));
            // The end of a request.
            if (type <= 1 && (flags & 1) != 0)
                answer(socket, [stream](const QByteArray &text) { return frames(text, stream); });
        }
    }

private:
    static QByteArray frames(const QByteArray &text, quint32 stream)
    {
        QByteArray bytes;
        for (const QByteArray &one : text.split('/')) {
            const QByteArray raw = QByteArray::fromHex(one);
            // GOAWAY is the connection's.
            bytes += frame(raw[0], raw[1], raw[0] == 7 ? 0 : stream, raw.mid(2));
        }
        return bytes;
    }
};
