// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"

#include <nghttp2/nghttp2.h>
#include <vector>

namespace sallyport::http {

/// Puts one header block together as its fields come. What HTTP forbids was found by libnghttp2 before.
class Http2HeaderBlock
{
public:
    enum class Outcome : std::uint8_t {
        Taken,
        Refused, ///< the stream is to be reset; details() says why
        Invalid, ///< forbidden in HTTP
    };

    void begin(HeaderMap::Kind kind);
    bool isOpen() const { return m_headers != nullptr; }
    Outcome add(std::string_view name, std::string_view value, const CodecSettings &settings,
                CodecObserver *observer);
    void abandon() { m_headers.reset(); }
    /// The block is complete.
    HeaderMapPtr take();
    /// `http2.too_many_headers`, `http2.header_list_size_too_large`, `http2.unexpected_underscore`
    std::string_view details() const { return m_details; }

private:
    HeaderMapPtr m_headers;
    std::string m_cookies; ///< HTTP/2 may send one line per cookie; HTTP/1 has one for all
    std::string_view m_details;
    std::uint64_t m_size = 0;
    std::uint32_t m_count = 0;
};

/// As libnghttp2 takes it; points into `headers`.
std::vector<nghttp2_nv> http2Fields(const HeaderMap &headers);

// An HTTP/1 upgrade is an extended CONNECT in HTTP/2 (RFC 8441).
bool isExtendedConnect(const HeaderMap &request);
void upgradeRequestToHttp1(HeaderMap &request);
void upgradeRequestToHttp2(HeaderMap &request);
void upgradeAnswerToHttp1(HeaderMap &answer, std::string_view type);
void upgradeAnswerToHttp2(HeaderMap &answer);

} // namespace sallyport::http
