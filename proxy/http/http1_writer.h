// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec_settings.h"
#include "proxy/http/header_map.h"
#include "proxy/net/buffer.h"

#include <initializer_list>
#include <string_view>

namespace sallyport::http {

/// What is added to a head to frame its body.
enum class Http1Framing { None, EmptyBody, Chunked };

/// A value with a line end or a NUL.
bool breaksHead(std::string_view value);
/// Appends the head of a message: `firstLine` (its pieces, without line end), the headers with `:authority`
/// as `host`, the framing header and the empty line. Other pseudo headers and transfer-encoding are not
/// written. False, and nothing written, if a value holds a byte that would break the head, or any control
/// character where it is to be `strict`.
bool writeHttp1Head(net::Buffer &out, std::initializer_list<std::string_view> firstLine,
                    const HeaderMap &headers, Http1Framing framing,
                    dataplane::Http1ProtocolOptions::HeaderCase headerCase, bool strict);

/// Of a head with `written` bytes those of its header lines, which is what counts as header bytes.
std::size_t headerBytes(std::size_t written, std::initializer_list<std::string_view> firstLine);

/// Appends `bytes` as one chunk; nothing if empty.
void writeHttp1Chunk(net::Buffer &out, net::Buffer &bytes);
/// Appends the last chunk and the trailers, of which it returns the bytes.
std::size_t writeHttp1LastChunk(net::Buffer &out, const HeaderMap *trailers);

/// An upgrade: `upgrade` header, and `connection` names it.
bool isUpgrade(const HeaderMap &headers);

} // namespace sallyport::http
