// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/http1_message.h"
#include "tests/e2e/golden/tls_session.h"
#include "tests/e2e/golden/upstream_answers.h"
#include "tests/e2e/golden/vector.h"

#include <QJsonArray>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

namespace golden {

class Http2Frames;

/// What an upstream saw of one request (or, as `tcp`, of one connection).
struct SeenRequest
{
    std::optional<QByteArray> line; ///< HTTP/1
    HeaderPairs headers;
    bool http2 = false;
    bool tcp = false;
    QByteArray body; ///< tcp: all bytes
    HeaderPairs trailers;
    bool complete = true;
    QString reset;
    int connection = 0;
    std::optional<QJsonObject> tls;
};

/// One upstream server of a vector, a thread per connection ("The upstream" in the vectors' README).
class UpstreamServer
{
public:
    /// Its port is chosen here.
    UpstreamServer(const QString &name, const QJsonObject &options, Placeholders &placeholders);
    ~UpstreamServer();
    UpstreamServer(const UpstreamServer &) = delete;
    UpstreamServer &operator=(const UpstreamServer &) = delete;

    /// Empty, or why it cannot serve.
    QString listen();
    void stop();

    const QString &name() const { return m_name; }
    std::size_t seenCount() const;
    /// Copies of what was seen from the `first` on.
    std::vector<SeenRequest> seenFrom(std::size_t first) const;

private:
    void acceptAll();
    void serve(int fd, int number);
    void serveTcp(ByteStream &stream, const std::optional<QJsonObject> &tls);
    bool serveHttp1(ByteStream &stream, int number, const std::optional<QJsonObject> &tls);
    bool tunnel(ByteStream &stream, std::size_t entry, const QByteArray &upgrade);
    bool runScript(ByteStream &stream, const QJsonArray &script);
    void serveHttp2(ByteStream &stream, int number, const std::optional<QJsonObject> &tls);
    void answerHttp2(Http2Frames &frames, std::uint32_t stream, std::size_t entry);
    /// False: the server stops.
    bool sleep(int milliseconds);

    std::size_t note(SeenRequest entry);
    template<typename Change>
    void change(std::size_t entry, Change apply);
    SeenRequest seenAt(std::size_t entry) const;

    QString m_name;
    const QJsonObject m_options; ///< connections read it side by side
    UpstreamAnswers m_answers;
    QString m_address;
    int m_port = 0;
    SslContext m_tls{nullptr, SSL_CTX_free};
    QByteArray m_alpn;
    int m_listener = -1;
    std::thread m_accepting;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    bool m_stopping = false;
    std::vector<SeenRequest> m_seen;
    std::set<int> m_sockets;
    std::list<std::thread> m_serving;
    int m_connections = 0;
};

} // namespace golden
