// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/e2e/golden/byte_stream.h"

#include <QString>
#include <optional>
#include <vector>

namespace golden {

using HeaderPair = std::pair<QByteArray, QByteArray>;
using HeaderPairs = std::vector<HeaderPair>;

/// The first value of a header, its name in lower case; none if it is absent.
std::optional<QByteArray> firstValue(const HeaderPairs &headers, const QByteArray &name);

struct Http1Head
{
    QByteArray line;
    HeaderPairs headers;
};
Http1Head splitHead(const QByteArray &head);

struct ChunkedBody
{
    QByteArray body;
    HeaderPairs trailers;
    bool complete = false;
};
ChunkedBody readChunked(ByteStream &stream);

/// One response as it was seen, of either version.
struct Response
{
    bool http2 = false;
    QByteArray statusLine;
    std::optional<HeaderPairs> headers; ///< HTTP/2: none if the stream was reset before
    std::vector<Http1Head> interim;
    QByteArray body;
    HeaderPairs trailers;
    bool complete = true;
    bool upgraded = false;
    std::optional<QByteArray> raw; ///< bytes that are no response
    QString reset;                 ///< HTTP/2: the error's name
};

/// None at a clean end.
std::optional<Response> readResponse(ByteStream &stream, const QByteArray &method);

/// What stands behind the status in an answer's first line.
QByteArray reasonPhrase(int status);

} // namespace golden
