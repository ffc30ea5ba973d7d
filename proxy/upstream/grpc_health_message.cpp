// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/grpc_health_message.h"

#include <cstdint>

namespace sallyport::upstream {

namespace {

constexpr std::size_t PrefixSize = 5;
constexpr std::uint64_t Serving = 1;
/// Of a message that holds a number.
constexpr std::size_t LargestAnswer = 64 * 1024;

void appendVarint(std::string &out, std::uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        out += static_cast<char>(0x80 | (value & 0x7F));
    out += static_cast<char>(value);
}

std::optional<std::uint64_t> takeVarint(std::string_view &in)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (in.empty())
            return std::nullopt;
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
        if ((byte & 0x80) == 0)
            return value;
    }
    return std::nullopt;
}

/// The `status` of a HealthCheckResponse, 0 without one; none: this is no message.
std::optional<std::uint64_t> statusOf(std::string_view message)
{
    constexpr unsigned Varint = 0;
    constexpr unsigned Fixed64 = 1;
    constexpr unsigned Bytes = 2;
    constexpr unsigned Fixed32 = 5;
    std::uint64_t status = 0;
    while (!message.empty()) {
        const std::optional<std::uint64_t> key = takeVarint(message);
        if (!key || *key >> 3 == 0)
            return std::nullopt;
        std::uint64_t skipped = 0;
        switch (static_cast<unsigned>(*key & 7)) {
        case Varint: {
            const std::optional<std::uint64_t> value = takeVarint(message);
            if (!value)
                return std::nullopt;
            if (*key >> 3 == 1)
                status = *value;
            continue;
        }
        case Fixed64:
            skipped = 8;
            break;
        case Fixed32:
            skipped = 4;
            break;
        case Bytes: {
            const std::optional<std::uint64_t> size = takeVarint(message);
            if (!size)
                return std::nullopt;
            skipped = *size;
            break;
        }
        default:
            return std::nullopt;
        }
        if (skipped > message.size())
            return std::nullopt;
        message.remove_prefix(static_cast<std::size_t>(skipped));
    }
    return status;
}

} // namespace

std::string grpcHealthRequest(std::string_view service)
{
    std::string message;
    if (!service.empty()) {
        message += '\x0a';
        appendVarint(message, service.size());
        message += service;
    }
    std::string framed(1, '\0');
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        framed += static_cast<char>(message.size() >> shift & 0xFF);
    return framed + message;
}

std::string_view GrpcHealthAnswer::read(std::string_view bytes)
{
    m_bytes += bytes;
    while (m_bytes.size() >= PrefixSize) {
        if (m_bytes[0] != 0)
            return "the message is compressed, or none of gRPC's";
        std::size_t size = 0;
        for (std::size_t i = 1; i < PrefixSize; ++i)
            size = size << 8U | static_cast<unsigned char>(m_bytes[i]);
        if (size > LargestAnswer)
            return "the message is too long for an answer";
        if (m_bytes.size() - PrefixSize < size)
            break;
        if (size > 0) {
            if (m_status)
                return "there is more than one message";
            m_status = statusOf(std::string_view(m_bytes).substr(PrefixSize, size));
            if (!m_status)
                return "the message is not of grpc.health.v1";
        }
        m_bytes.erase(0, PrefixSize + size);
    }
    return {};
}

bool GrpcHealthAnswer::isServing() const
{
    return m_status == Serving;
}

} // namespace sallyport::upstream
