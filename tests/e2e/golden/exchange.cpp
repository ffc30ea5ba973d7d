// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/exchange.h"

#include "tests/e2e/golden/http2_frames.h"

#include <QJsonArray>
#include <arpa/inet.h>
#include <memory>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace golden {

namespace {

using std::chrono::milliseconds;

sockaddr_in addressOf(const QString &ip, int port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    ::inet_pton(AF_INET, ip.toLatin1().constData(), &address.sin_addr);
    return address;
}

/// -1: refused.
int connectTo(const QJsonObject &exchange, Placeholders &placeholders)
{
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (exchange.contains("from")) {
        const sockaddr_in from = addressOf(exchange["from"].toString(), 0);
        if (::bind(fd, reinterpret_cast<const sockaddr *>(&from), sizeof from) != 0)
            qFatal("%s is no address of this machine", qPrintable(exchange["from"].toString()));
    }
    const sockaddr_in to = addressOf(exchange["to"].toString("127.0.0.1"),
                                     placeholders.port(exchange["listener"].toString("main")));
    if (::connect(fd, reinterpret_cast<const sockaddr *>(&to), sizeof to) == 0)
        return fd;
    ::close(fd);
    return -1;
}

/// What the steps of `send` yielded on the way.
struct Sent
{
    std::vector<std::optional<Response>> responses;
    QByteArray read;
    bool wasReset = false;
};

Sent sendSteps(ByteStream &stream, const QJsonArray &steps)
{
    Sent sent;
    for (const QJsonValue &step : steps) {
        const QJsonObject action = step.toObject();
        bool accepted = true;
        if (step.isString()) {
            accepted = stream.send(step.toString().toLatin1());
        } else if (action.contains("repeat")) {
            accepted = stream.send(action["repeat"].toString().toLatin1().repeated(action["times"].toInt()));
        } else if (action.contains("sleep_ms")) {
            std::this_thread::sleep_for(milliseconds(action["sleep_ms"].toInt()));
        } else if (action.contains("fin")) {
            stream.shutdownWrite();
        } else if (action.contains("reset")) {
            stream.armReset();
            sent.wasReset = true;
        } else if (action.contains("response")) {
            sent.responses.push_back(readResponse(stream, action["response"].toString().toLatin1()));
        } else if (action.contains("read")) {
            sent.read += stream.exactly(action["read"].toInt());
        }
        // A peer that takes no more (or said so by a TLS alert) is still read.
        if (!accepted || sent.wasReset)
            break;
    }
    return sent;
}

void playHttp1(ByteStream &stream, const QJsonObject &exchange, Placeholders &placeholders, Outcome &out)
{
    Sent sent = sendSteps(stream, placeholders.fill(exchange["send"].toArray()).toArray());
    std::vector<Response> responses;
    bool ended = false;
    for (std::optional<Response> &response : sent.responses) {
        if (response)
            responses.push_back(*std::move(response));
    }
    if (sent.wasReset) {
        out.responses = std::move(responses);
        return;
    }
    if (exchange["raw"].toBool()) {
        out.bytes = sent.read + stream.rest();
        return;
    }
    QJsonArray methods = exchange["methods"].toArray();
    if (!exchange.contains("methods"))
        methods = {"GET"};
    for (auto i = static_cast<qsizetype>(sent.responses.size()); i < methods.size() && !ended; ++i) {
        std::optional<Response> response = readResponse(stream, methods[i].toString().toLatin1());
        ended = !response || !response->complete || response->upgraded;
        if (response)
            responses.push_back(*std::move(response));
    }
    const bool upgraded = std::any_of(responses.begin(), responses.end(),
                                      [](const Response &response) { return response.upgraded; });
    if (upgraded || !sent.read.isEmpty())
        out.tunnel = sent.read;
    out.responses = std::move(responses);
    // Does the connection stay open? An end that is expected may take its time.
    const bool closing = exchange["expect"]["closes"].toBool();
    try {
        while (stream.fill(milliseconds(closing ? 3000 : 50))) {
        }
    } catch (const Late &) {
        // It does.
    }
    if (!stream.isBufferEmpty())
        out.extra = stream.takeBuffer();
    out.closes = stream.ended();
    if (exchange.contains("tls"))
        out.tlsError = stream.tlsError();
}

void sendRequest(Http2Frames &frames, std::uint32_t stream, const QJsonObject &request)
{
    const auto pairs = [](const QJsonValue &value) {
        HeaderPairs headers;
        for (const QJsonValue &pair : value.toArray())
            headers.emplace_back(pair[0].toString().toLatin1(), pair[1].toString().toLatin1());
        return headers;
    };
    const QByteArray body = request["body"].toString().toLatin1();
    const HeaderPairs trailers = pairs(request["trailers"]);
    frames.hold();
    frames.sendHeaders(stream, pairs(request["headers"]), body.isEmpty() && trailers.empty());
    if (!body.isEmpty())
        frames.sendData(stream, body, trailers.empty());
    if (!trailers.empty())
        frames.sendHeaders(stream, trailers, true);
    frames.release();
}

/// False: the connection ended first.
bool readHttp2Response(Http2Frames &frames, std::uint32_t stream, Response &response, QString &goAway)
{
    using Kind = Http2Frames::Event::Kind;
    for (;;) {
        Http2Frames::Event event = frames.next();
        switch (event.kind) {
        case Kind::End:
            return false;
        case Kind::GoAway:
            goAway = event.error;
            continue;
        case Kind::Reset:
            if (event.stream != stream)
                continue;
            response.reset = event.error;
            return true;
        case Kind::Headers: {
            const bool interim =
                response.headers && firstValue(*response.headers, ":status").value_or("").startsWith('1');
            if (!response.headers || interim) {
                if (interim)
                    response.interim.push_back({{}, *response.headers});
                response.headers = std::move(event.headers);
            } else {
                response.trailers = std::move(event.headers);
            }
            break;
        }
        case Kind::Data:
            response.body += event.data;
            break;
        }
        if (event.endStream)
            return true;
    }
}

void playHttp2(ByteStream &stream, const QJsonObject &spec, Outcome &out)
{
    Http2Frames frames(stream);
    frames.hold();
    frames.sendRaw(Http2Preface);
    frames.sendFrame(Http2Frames::Type::Settings, 0, 0);
    frames.release();
    out.responses.emplace();
    out.closes = false;
    std::uint32_t number = 1;
    for (const QJsonValue &request : spec["requests"].toArray()) {
        Response &response = out.responses->emplace_back();
        response.http2 = true;
        sendRequest(frames, number, request.toObject());
        if (!readHttp2Response(frames, number, response, out.goAway)) {
            out.closes = true;
            return;
        }
        number += 2;
    }
}

} // namespace

Outcome play(const QJsonObject &exchange, Placeholders &placeholders, KeptSessions *sessions)
{
    Outcome out;
    const int fd = connectTo(exchange, placeholders);
    if (fd < 0) {
        out.refused = true;
        return out;
    }
    ByteStream stream(fd);
    const QJsonObject tls = placeholders.fill(exchange["tls"]).toObject();
    try {
        if (exchange.contains("tls")) {
            SSL *session = clientSession(tls);
            if (session != nullptr && sessions != nullptr && tls.contains("session"))
                sessions->offer(session, tls["session"].toString());
            if (session == nullptr || !stream.startTls(session, false)) {
                out.tlsError = session == nullptr ? "no session" : stream.tlsError();
                return out;
            }
            out.tls = describeClientSession(session, placeholders.pki(), tls);
        }
        if (exchange.contains("h2"))
            playHttp2(stream, exchange["h2"].toObject(), out);
        else
            playHttp1(stream, exchange, placeholders, out);
        if (sessions != nullptr && tls.contains("session"))
            sessions->keep(stream.tls(), tls["session"].toString());
    } catch (const Late &) {
        out.late = true;
    }
    return out;
}

} // namespace golden
