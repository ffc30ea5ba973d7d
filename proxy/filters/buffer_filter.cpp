// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/filters/buffer_filter.h"

namespace sallyport::filters {

namespace {

class BufferFilter final : public HttpFilter
{
public:
    explicit BufferFilter(std::uint32_t maxRequestBytes)
        : m_maxRequestBytes(maxRequestBytes)
    {
    }
    FilterStatus decodeHeaders(http::HeaderMap &headers, bool endStream) override
    {
        if (endStream)
            return FilterStatus::Continue;
        if (const auto *own = ofRoute<dataplane::BufferPerRoute>()) {
            if (!own->buffer)
                return FilterStatus::Continue;
            m_maxRequestBytes = own->buffer->maxRequestBytes;
        }
        m_headers = &headers;
        m_callbacks->setBufferLimit(m_maxRequestBytes);
        return FilterStatus::Stop;
    }
    void onBodyHeld(bool complete) override
    {
        const std::uint64_t size = m_callbacks->heldBody().size();
        // What came with its end needs not be held, whatever its size (measured, 1.40).
        if (!complete && size > m_maxRequestBytes) {
            m_callbacks->countTooLarge();
            LocalReply reply;
            reply.status = 413;
            reply.body = "Payload Too Large";
            reply.details = "request_payload_too_large";
            m_callbacks->sendLocalReply(reply);
        } else if (complete) {
            if (!m_headers->has(http::Known::ContentLength))
                m_headers->setNumber(http::Known::ContentLength, size);
            m_callbacks->continueDecoding();
        }
    }

private:
    std::uint64_t m_maxRequestBytes;
    http::HeaderMap *m_headers = nullptr;
};

} // namespace

FilterFactory makeBufferFactory(const dataplane::BufferFilter &configuration)
{
    return [bytes = configuration.maxRequestBytes] { return std::make_unique<BufferFilter>(bytes); };
}

} // namespace sallyport::filters
