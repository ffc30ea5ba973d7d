// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/http1_message.h"

#include <QHash>
#include <QList>
#include <algorithm>

namespace golden {

std::optional<QByteArray> firstValue(const HeaderPairs &headers, const QByteArray &name)
{
    const auto found = std::find_if(headers.begin(), headers.end(),
                                    [&](const HeaderPair &header) { return header.first.toLower() == name; });
    return found == headers.end() ? std::nullopt : std::optional(found->second);
}

Http1Head splitHead(const QByteArray &head)
{
    Http1Head parts;
    bool first = true;
    for (qsizetype at = 0; at < head.size();) {
        qsizetype end = head.indexOf("\r\n", at);
        if (end < 0)
            end = head.size();
        const QByteArray line = head.mid(at, end - at);
        at = end + 2;
        if (first) {
            parts.line = line;
            first = false;
            continue;
        }
        if (line.isEmpty())
            break;
        const qsizetype colon = line.indexOf(':');
        QByteArray value = colon < 0 ? QByteArray() : line.mid(colon + 1);
        if (value.startsWith(' '))
            value.remove(0, 1);
        parts.headers.emplace_back(colon < 0 ? line : line.left(colon), value);
    }
    return parts;
}

ChunkedBody readChunked(ByteStream &stream)
{
    ChunkedBody read;
    for (;;) {
        const auto line = stream.until("\r\n");
        if (!line)
            return read;
        bool isNumber = false;
        const qlonglong size = line->split(';').first().trimmed().toLongLong(&isNumber, 16);
        if (!isNumber)
            return read;
        if (size == 0)
            break;
        const QByteArray data = stream.exactly(size);
        read.body += data;
        if (data.size() < size || stream.exactly(2) != "\r\n")
            return read;
    }
    for (;;) {
        const auto line = stream.until("\r\n");
        if (!line)
            return read;
        if (*line == "\r\n") {
            read.complete = true;
            return read;
        }
        const qsizetype colon = line->indexOf(':');
        read.trailers.emplace_back(line->left(colon), line->mid(colon + 1).trimmed());
    }
}

std::optional<Response> readResponse(ByteStream &stream, const QByteArray &method)
{
    Response response;
    int status = 0;
    for (;;) {
        const auto head = stream.until("\r\n\r\n");
        if (!head) {
            const QByteArray left = stream.takeBuffer();
            if (left.isEmpty() && response.interim.empty())
                return std::nullopt;
            response.raw = left;
            response.complete = false;
            return response;
        }
        Http1Head parts = splitHead(*head);
        status = parts.line.split(' ').value(1).toInt();
        if (status >= 100 && status < 200 && status != 101) {
            response.interim.push_back(std::move(parts));
            continue;
        }
        response.statusLine = parts.line;
        response.headers = std::move(parts.headers);
        break;
    }
    if (method == "HEAD" || status == 204 || status == 304)
        return response;
    if (status == 101 || (method == "CONNECT" && status >= 200 && status < 300)) {
        response.upgraded = true;
    } else if (firstValue(*response.headers, "transfer-encoding").value_or("").toLower() == "chunked") {
        ChunkedBody body = readChunked(stream);
        response.body = std::move(body.body);
        response.trailers = std::move(body.trailers);
        response.complete = body.complete;
    } else if (const auto length = firstValue(*response.headers, "content-length")) {
        const qsizetype wanted = length->toLongLong();
        response.body = stream.exactly(wanted);
        response.complete = response.body.size() == wanted;
    } else {
        response.body = stream.rest();
    }
    return response;
}

QByteArray reasonPhrase(int status)
{
    static const QHash<int, QByteArray> reasons{{100, "Continue"},
                                                {200, "OK"},
                                                {201, "Created"},
                                                {204, "No Content"},
                                                {301, "Moved Permanently"},
                                                {302, "Found"},
                                                {304, "Not Modified"},
                                                {400, "Bad Request"},
                                                {401, "Unauthorized"},
                                                {403, "Forbidden"},
                                                {404, "Not Found"},
                                                {409, "Conflict"},
                                                {418, "I'm a teapot"},
                                                {429, "Too Many Requests"},
                                                {500, "Internal Server Error"},
                                                {502, "Bad Gateway"},
                                                {503, "Service Unavailable"},
                                                {504, "Gateway Timeout"}};
    return reasons.value(status, "Whatever");
}

} // namespace golden
