// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/http/http2_headers.h"

#include <utility>

namespace sallyport::http {

namespace {

void count(CodecObserver *observer, CodecEvent event)
{
    if (observer != nullptr)
        observer->onCodecEvent(event, 1);
}

/// libnghttp2 takes pointers to what it does not change.
std::uint8_t *bytesOf(std::string_view text)
{
    return const_cast<std::uint8_t *>(reinterpret_cast<const std::uint8_t *>(text.data()));
}

void dropEmptyLength(HeaderMap &headers)
{
    if (headers.get(Known::ContentLength) == "0")
        headers.remove(Known::ContentLength);
}

} // namespace

void Http2HeaderBlock::begin(HeaderMap::Kind kind)
{
    m_headers = HeaderMap::create(kind);
    m_cookies.clear();
    m_details = {};
    m_size = 0;
    m_count = 0;
}

Http2HeaderBlock::Outcome Http2HeaderBlock::add(std::string_view name, std::string_view value,
                                                const CodecSettings &settings, CodecObserver *observer)
{
    using dataplane::HeadersWithUnderscores;
    const bool request = m_headers->kind() == HeaderMap::Kind::Request;
    // RFC 9113 8.3.1: no userinfo.
    if (request && (name == ":authority" || name == "host") && value.find('@') != std::string_view::npos)
        return Outcome::Invalid;
    if (settings.underscores != HeadersWithUnderscores::Allow && name.find('_') != std::string_view::npos) {
        m_details = "http2.unexpected_underscore";
        if (settings.underscores == HeadersWithUnderscores::DropHeader) {
            count(observer, CodecEvent::Http2DroppedHeadersWithUnderscores);
            return Outcome::Taken;
        }
        count(observer, CodecEvent::Http2RequestsRejectedWithUnderscores);
        return Outcome::Refused;
    }
    m_size += name.size() + value.size();
    ++m_count;
    if (m_size > std::uint64_t{settings.maxHeadersKb} * 1024) {
        m_details = "http2.header_list_size_too_large";
        count(observer, CodecEvent::Http2HeaderListSizeTooLarge);
    } else if (m_count > settings.maxHeadersCount) {
        m_details = "http2.too_many_headers";
        count(observer, CodecEvent::Http2HeaderOverflow);
    } else {
        // Next to :authority Host says nothing; it counts as a header all the same.
        if (request && name == "host" && m_headers->has(Known::Authority))
            return Outcome::Taken;
        if (name == "cookie") {
            if (!m_cookies.empty())
                m_cookies += "; ";
            m_cookies += value;
        } else {
            m_headers->add(request && name == "host" ? headerName(Known::Authority) : name, value);
        }
        return Outcome::Taken;
    }
    return Outcome::Refused;
}

HeaderMapPtr Http2HeaderBlock::take()
{
    if (!m_cookies.empty())
        m_headers->add(Known::Cookie, std::exchange(m_cookies, {}));
    return std::move(m_headers);
}

std::vector<nghttp2_nv> http2Fields(const HeaderMap &headers)
{
    std::vector<nghttp2_nv> fields;
    fields.reserve(headers.size());
    for (const Header &header : headers)
        fields.push_back({bytesOf(header.name), bytesOf(header.value), header.name.size(),
                          header.value.size(), NGHTTP2_NV_FLAG_NONE});
    return fields;
}

bool isExtendedConnect(const HeaderMap &request)
{
    return request.get(Known::Method) == "CONNECT" && !request.get(Known::Protocol).empty();
}

void upgradeRequestToHttp1(HeaderMap &request)
{
    const std::string type(request.get(Known::Protocol));
    request.set(Known::Method, "GET");
    request.set(Known::Upgrade, type);
    request.set(Known::Connection, "upgrade");
    request.remove(Known::Protocol);
}

void upgradeRequestToHttp2(HeaderMap &request)
{
    const std::string type(request.get(Known::Upgrade));
    request.set(Known::Method, "CONNECT");
    request.set(Known::Protocol, type);
    request.remove(Known::Upgrade);
    request.remove(Known::Connection);
    dropEmptyLength(request);
}

void upgradeAnswerToHttp1(HeaderMap &answer, std::string_view type)
{
    if (answer.status() != 200)
        return;
    answer.set(Known::Upgrade, type);
    answer.set(Known::Connection, "upgrade");
    answer.setStatus(101);
}

void upgradeAnswerToHttp2(HeaderMap &answer)
{
    if (answer.status() == 101)
        answer.setStatus(200);
    answer.remove(Known::Upgrade);
    answer.remove(Known::Connection);
    dropEmptyLength(answer);
}

} // namespace sallyport::http
