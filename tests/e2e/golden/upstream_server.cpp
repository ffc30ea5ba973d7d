// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/upstream_server.h"

#include "tests/e2e/golden/http2_frames.h"

#include <arpa/inet.h>
#include <chrono>
#include <sys/socket.h>
#include <unistd.h>

namespace golden {

namespace {

/// A connection of an upstream may stay idle as long as a vector runs.
constexpr std::chrono::milliseconds ConnectionTime{40'000};

bool asksForUpgrade(const HeaderPairs &headers)
{
    return firstValue(headers, "upgrade") &&
           firstValue(headers, "connection").value_or("").toLower().contains("upgrade");
}

/// A server with TLS has the certificate of the vectors unless it names its own.
QJsonObject withCertificate(QJsonObject options, const QString &pki)
{
    if (options.contains("tls")) {
        QJsonObject tls = options["tls"].toObject();
        tls.insert("cert", tls["cert"].toString(pki + "/server.pem"));
        tls.insert("key", tls["key"].toString(pki + "/server.key"));
        options.insert("tls", tls);
    }
    return options;
}

} // namespace

UpstreamServer::UpstreamServer(const QString &name, const QJsonObject &options, Placeholders &placeholders)
    : m_name(name)
    , m_options(withCertificate(placeholders.fill(options).toObject(), placeholders.pki()))
    , m_answers(m_options["id"].toString(name).toLatin1(), m_options["raw"].toObject())
{
    const QString listen = placeholders.text(m_options["listen"].toString("127.0.0.1:@port:" + name + '@'));
    m_address = listen.section(':', 0, 0);
    m_port = listen.section(':', 1).toInt();
}

UpstreamServer::~UpstreamServer()
{
    stop();
}

QString UpstreamServer::listen()
{
    if (m_options.contains("tls")) {
        m_tls = serverContext(m_options["tls"].toObject(), m_alpn);
        if (!m_tls)
            return "upstream " + m_name + ": its certificate cannot be used";
    }
    m_listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    ::setsockopt(m_listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(m_port));
    ::inet_pton(AF_INET, m_address.toLatin1().constData(), &address.sin_addr);
    // A vector with the same fixed address may just have ended.
    for (int attempt = 0; ::bind(m_listener, reinterpret_cast<sockaddr *>(&address), sizeof address) != 0;
         ++attempt) {
        if (attempt == 30)
            return QString("upstream %1 cannot listen on %2:%3").arg(m_name, m_address).arg(m_port);
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
    }
    ::listen(m_listener, 64);
    m_accepting = std::thread([this] { acceptAll(); });
    return {};
}

void UpstreamServer::stop()
{
    {
        const std::scoped_lock lock(m_mutex);
        m_stopping = true;
        for (const int fd : m_sockets)
            ::shutdown(fd, SHUT_RDWR);
    }
    m_wake.notify_all();
    if (m_listener >= 0)
        ::shutdown(m_listener, SHUT_RDWR);
    if (m_accepting.joinable())
        m_accepting.join();
    for (std::thread &thread : m_serving)
        thread.join();
    m_serving.clear();
    if (m_listener >= 0)
        ::close(std::exchange(m_listener, -1));
}

void UpstreamServer::acceptAll()
{
    for (;;) {
        const int fd = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC);
        const std::scoped_lock lock(m_mutex);
        if (fd < 0 || m_stopping) {
            if (fd >= 0)
                ::close(fd);
            return;
        }
        m_sockets.insert(fd);
        m_serving.emplace_back([this, fd, number = ++m_connections] { serve(fd, number); });
    }
}

std::size_t UpstreamServer::seenCount() const
{
    const std::scoped_lock lock(m_mutex);
    return m_seen.size();
}

std::vector<SeenRequest> UpstreamServer::seenFrom(std::size_t first) const
{
    const std::scoped_lock lock(m_mutex);
    return {m_seen.begin() + static_cast<std::ptrdiff_t>(std::min(first, m_seen.size())), m_seen.end()};
}

SeenRequest UpstreamServer::seenAt(std::size_t entry) const
{
    const std::scoped_lock lock(m_mutex);
    return m_seen[entry];
}

std::size_t UpstreamServer::note(SeenRequest entry)
{
    const std::scoped_lock lock(m_mutex);
    m_seen.push_back(std::move(entry));
    return m_seen.size() - 1;
}

template<typename Change>
void UpstreamServer::change(std::size_t entry, Change apply)
{
    const std::scoped_lock lock(m_mutex);
    apply(m_seen[entry]);
}

bool UpstreamServer::sleep(int milliseconds)
{
    std::unique_lock lock(m_mutex);
    return !m_wake.wait_for(lock, std::chrono::milliseconds(milliseconds), [this] { return m_stopping; });
}

void UpstreamServer::serve(int fd, int number)
{
    {
        ByteStream stream(fd, ConnectionTime);
        const auto talk = [&] {
            if (const int hold = m_options["hold_handshake"].toInt(); hold > 0) {
                sleep(hold);
                return;
            }
            if (m_options["close_on_accept"].toBool())
                return;
            std::optional<QJsonObject> tls;
            if (m_tls) {
                if (!stream.startTls(SSL_new(m_tls.get()), true))
                    return;
                tls = describeServerSession(stream.tls());
            }
            const QString protocol = m_options["protocol"].toString("http1");
            if (protocol == "tcp") {
                serveTcp(stream, tls);
            } else if (protocol == "h2") {
                serveHttp2(stream, number, tls);
            } else {
                while (serveHttp1(stream, number, tls)) {
                }
            }
        };
        try {
            talk();
        } catch (const Late &) {
            // An idle connection ends with its vector.
        }
        const std::scoped_lock lock(m_mutex);
        m_sockets.erase(fd);
    }
}

void UpstreamServer::serveTcp(ByteStream &stream, const std::optional<QJsonObject> &tls)
{
    SeenRequest first;
    first.tcp = true;
    first.tls = tls;
    const std::size_t entry = note(std::move(first));
    stream.send(m_options["greeting"].toString().toLatin1());
    const QByteArray wanted = m_options["reply_to"].toString().toLatin1();
    while (stream.fill()) {
        const QByteArray data = stream.takeBuffer();
        change(entry, [&](SeenRequest &seen) { seen.body += data; });
        if (m_options["echo"].toBool())
            stream.send(data);
        if (!wanted.isEmpty() && seenAt(entry).body.contains(wanted)) {
            stream.send(m_options["reply"].toString().toLatin1());
            return;
        }
    }
    stream.send(m_options["farewell"].toString().toLatin1());
}

bool UpstreamServer::tunnel(ByteStream &stream, std::size_t entry, const QByteArray &upgrade)
{
    if (upgrade.isEmpty())
        stream.send("HTTP/1.1 200 OK\r\n\r\n");
    else
        stream.send("HTTP/1.1 101 Switching Protocols\r\nupgrade: " + upgrade +
                    "\r\nconnection: upgrade\r\nx-tunnel: yes\r\n\r\n");
    for (;;) {
        if (const QByteArray data = stream.takeBuffer(); !data.isEmpty()) {
            change(entry, [&](SeenRequest &seen) { seen.body += data; });
            stream.send(data);
            if (seenAt(entry).body.contains("bye"))
                return false;
        }
        if (!stream.fill())
            return false;
    }
}

bool UpstreamServer::runScript(ByteStream &stream, const QJsonArray &script)
{
    constexpr int Hang = 5000;
    for (const QJsonValue &step : script) {
        const QJsonObject action = step.toObject();
        if (step.isString()) {
            stream.send(step.toString().toLatin1());
        } else if (action.contains("sleep_ms")) {
            const int time = action["sleep_ms"].toInt();
            if (time > Hang) {
                stream.fill(std::chrono::milliseconds(time));
                return false;
            }
            sleep(time);
        } else if (action.contains("close")) {
            return false;
        } else if (action.contains("reset")) {
            stream.armReset();
            return false;
        } else if (action.contains("repeat")) {
            stream.send(action["repeat"].toString().toLatin1().repeated(action["times"].toInt()));
        }
    }
    return true;
}

bool UpstreamServer::serveHttp1(ByteStream &stream, int number, const std::optional<QJsonObject> &tls)
{
    const auto head = stream.until("\r\n\r\n");
    SeenRequest seen;
    seen.connection = number;
    seen.tls = tls;
    if (!head) {
        if (stream.isBufferEmpty())
            return false;
        seen.line = QByteArray();
        seen.body = stream.takeBuffer();
        seen.complete = false;
        note(std::move(seen));
        return false;
    }
    const auto [line, headers] = splitHead(*head);
    seen.line = line;
    seen.headers = headers;
    const std::size_t entry = note(std::move(seen));
    const QByteArray method = line.left(line.indexOf(' '));
    QByteArray target = line.mid(line.indexOf(' ') + 1);
    target.truncate(std::max<qsizetype>(target.lastIndexOf(' '), 0));
    const bool connect = method == "CONNECT";
    if (connect || (asksForUpgrade(headers) && target.startsWith("/upgrade"))) {
        if (target.startsWith("/upgrade-refused")) {
            stream.send("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
            return true;
        }
        return tunnel(stream, entry, connect ? QByteArray() : *firstValue(headers, "upgrade"));
    }
    const auto length = firstValue(headers, "content-length");
    bool complete = true;
    if (m_options["answer_before_body"].toBool()) {
        // what it says
    } else if (firstValue(headers, "transfer-encoding").value_or("").toLower() == "chunked") {
        const ChunkedBody body = readChunked(stream);
        complete = body.complete;
        change(entry, [&](SeenRequest &request) {
            request.body = body.body;
            request.trailers = body.trailers;
        });
    } else if (length) {
        const QByteArray body = stream.exactly(length->toLongLong());
        complete = body.size() == length->toLongLong();
        change(entry, [&](SeenRequest &request) { request.body = body; });
    }
    if (!complete) {
        change(entry, [](SeenRequest &request) { request.complete = false; });
        return false;
    }
    UpstreamAnswer made = m_answers.to(method, target, headers);
    sleep(made.delayMs);
    if (made.script)
        return runScript(stream, *made.script);
    const bool chunked = firstValue(made.headers, "transfer-encoding").has_value();
    const bool bodiless = made.status == 204 || made.status == 304 || made.status < 200;
    if (!chunked && !bodiless && !firstValue(made.headers, "content-length"))
        made.headers.emplace_back("content-length", QByteArray::number(made.body.size()));
    QByteArray out = "HTTP/1.1 " + QByteArray::number(made.status) + ' ' + reasonPhrase(made.status) + "\r\n";
    const auto append = [&out](const HeaderPairs &pairs) {
        for (const auto &[name, value] : pairs)
            out += name + ": " + value + "\r\n";
        out += "\r\n";
    };
    append(made.headers);
    if (method != "HEAD" && chunked) {
        for (const QByteArray &piece : made.body.split('|'))
            out += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
        out += "0\r\n";
        append(made.trailers);
    } else if (method != "HEAD") {
        out += made.body;
    }
    return stream.send(out) && firstValue(headers, "connection").value_or("").toLower() != "close";
}

void UpstreamServer::serveHttp2(ByteStream &stream, int number, const std::optional<QJsonObject> &tls)
{
    using Kind = Http2Frames::Event::Kind;
    if (stream.exactly(Http2Preface.size()) != Http2Preface)
        return;
    Http2Frames frames(stream);
    frames.sendFrame(Http2Frames::Type::Settings, 0, 0);
    QHash<std::uint32_t, std::size_t> open;
    for (;;) {
        const Http2Frames::Event event = frames.next();
        if (event.kind == Kind::End)
            return;
        if (event.kind == Kind::Headers && !open.contains(event.stream)) {
            SeenRequest seen;
            seen.http2 = true;
            seen.headers = event.headers;
            seen.connection = number;
            seen.tls = tls;
            open.insert(event.stream, note(std::move(seen)));
        } else if (open.contains(event.stream)) {
            change(open[event.stream], [&](SeenRequest &seen) {
                if (event.kind == Kind::Headers)
                    seen.trailers = event.headers;
                else if (event.kind == Kind::Data)
                    seen.body += event.data;
                else if (event.kind == Kind::Reset)
                    seen.reset = event.error;
            });
        }
        if ((event.kind == Kind::Headers || event.kind == Kind::Data) && event.endStream)
            answerHttp2(frames, event.stream, open[event.stream]);
    }
}

void UpstreamServer::answerHttp2(Http2Frames &frames, std::uint32_t stream, std::size_t entry)
{
    const HeaderPairs request = seenAt(entry).headers;
    const QByteArray path = firstValue(request, ":path").value_or("");
    const QByteArray method = firstValue(request, ":method").value_or("");
    if (path.startsWith("/h2-reset/")) {
        frames.sendFrame(Http2Frames::Type::Reset, 0, stream, bigEndian(http2ErrorCode(path.split('/')[2])));
        return;
    }
    if (path.startsWith("/h2-goaway")) {
        frames.sendFrame(Http2Frames::Type::GoAway, 0, 0, bigEndian(0) + bigEndian(0));
        return;
    }
    const UpstreamAnswer made = m_answers.to(method, path, request);
    sleep(made.delayMs);
    if (made.script)
        return;
    HeaderPairs headers{{":status", QByteArray::number(made.status)}};
    for (const HeaderPair &header : made.headers) {
        if (header.first != "transfer-encoding")
            headers.push_back(header);
    }
    const bool bodiless = made.status == 204 || made.status == 304 || method == "HEAD";
    const bool trailers = !made.trailers.empty();
    frames.sendHeaders(stream, headers, bodiless && !trailers);
    if (!bodiless)
        frames.sendData(stream, made.body, !trailers);
    if (trailers)
        frames.sendHeaders(stream, made.trailers, true);
}

} // namespace golden
