// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/client_hello.h"

#include <algorithm>
#include <optional>

namespace sallyport::server {

namespace {

using Status = ClientHello::Status;

constexpr std::size_t RecordHeader = 5;
constexpr std::size_t MostRecordBytes = std::size_t(16) * 1024 + 256;
constexpr unsigned char HandshakeRecord = 0x16;
constexpr unsigned char ClientHelloMessage = 0x01;
constexpr unsigned ServerNameExtension = 0;
constexpr unsigned SupportedGroupsExtension = 10;
constexpr unsigned PointFormatsExtension = 11;
constexpr unsigned SignatureAlgorithmsExtension = 13;
constexpr unsigned AlpnExtension = 16;
constexpr unsigned SupportedVersionsExtension = 43;

/// Reads big-endian fields from the front of a text; any field that is not there makes it bad.
class Reader
{
public:
    explicit Reader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }
    bool good() const { return m_good; }
    bool atEnd() const { return m_bytes.empty(); }
    unsigned number(std::size_t size)
    {
        unsigned value = 0;
        for (const char c : take(size))
            value = value << 8U | static_cast<unsigned char>(c);
        return value;
    }
    std::string_view take(std::size_t size)
    {
        if (size > m_bytes.size()) {
            m_good = false;
            m_bytes = {};
            return {};
        }
        const std::string_view taken = m_bytes.substr(0, size);
        m_bytes.remove_prefix(size);
        return taken;
    }
    /// A vector whose length stands before it in `lengthSize` bytes.
    std::string_view vector(std::size_t lengthSize) { return take(number(lengthSize)); }

private:
    std::string_view m_bytes;
    bool m_good = true;
};

ClientHello outcome(Status status)
{
    ClientHello hello;
    hello.status = status;
    return hello;
}

/// The handshake message that the records hold; none while bytes are missing.
std::optional<std::string> handshakeMessage(std::string_view bytes, Status &status)
{
    std::string message;
    while (true) {
        // As BoringSSL, nothing is said before a record's header is there.
        if (bytes.size() < RecordHeader)
            return std::nullopt;
        if (static_cast<unsigned char>(bytes[0]) != HandshakeRecord || bytes[1] != 3) {
            status = Status::NotTls;
            return std::nullopt;
        }
        const std::size_t length = static_cast<std::size_t>(static_cast<unsigned char>(bytes[3])) << 8U |
                                   static_cast<unsigned char>(bytes[4]);
        if (length == 0 || length > MostRecordBytes) {
            status = Status::NotTls;
            return std::nullopt;
        }
        message += bytes.substr(RecordHeader, length);
        if (!message.empty() && static_cast<unsigned char>(message[0]) != ClientHelloMessage) {
            status = Status::NotTls;
            return std::nullopt;
        }
        if (message.size() >= 4) {
            Reader header(std::string_view(message).substr(1));
            const std::size_t size = header.number(3);
            if (size + 4 > ClientHello::MostBytes) {
                status = Status::TooLarge;
                return std::nullopt;
            }
            if (message.size() >= size + 4) {
                message.resize(size + 4);
                return message.substr(4);
            }
        }
        if (bytes.size() < RecordHeader + length)
            return std::nullopt;
        bytes.remove_prefix(RecordHeader + length);
    }
}

void readServerName(std::string_view extension, ClientHello &hello)
{
    Reader reader(extension);
    Reader list(reader.vector(2));
    while (list.good() && !list.atEnd()) {
        const unsigned type = list.number(1);
        const std::string_view name = list.vector(2);
        if (!list.good() || type != 0)
            continue;
        hello.serverName = name;
        std::transform(hello.serverName.begin(), hello.serverName.end(), hello.serverName.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return;
    }
}

void readProtocols(std::string_view extension, ClientHello &hello)
{
    Reader reader(extension);
    Reader list(reader.vector(2));
    while (list.good() && !list.atEnd()) {
        const std::string_view protocol = list.vector(1);
        if (list.good() && !protocol.empty())
            hello.applicationProtocols.emplace_back(protocol);
    }
}

std::vector<unsigned> numbers(std::string_view list, std::size_t size)
{
    std::vector<unsigned> all;
    Reader reader(list);
    while (reader.good() && !reader.atEnd()) {
        const unsigned number = reader.number(size);
        if (reader.good())
            all.push_back(number);
    }
    return all;
}

void readOffer(unsigned type, std::string_view extension, ClientHello::Offer &offer)
{
    offer.extensions.push_back(type);
    Reader reader(extension);
    switch (type) {
    case SupportedGroupsExtension:
        offer.groups = numbers(reader.vector(2), 2);
        break;
    case PointFormatsExtension:
        offer.pointFormats = numbers(reader.vector(1), 1);
        break;
    case SignatureAlgorithmsExtension:
        offer.signatureAlgorithms = numbers(reader.vector(2), 2);
        break;
    case SupportedVersionsExtension:
        offer.versions = numbers(reader.vector(1), 2);
        break;
    default:
        break;
    }
}

} // namespace

ClientHello inspectClientHello(std::string_view bytes, bool withOffer)
{
    Status status = Status::NeedMore;
    const std::optional<std::string> message = handshakeMessage(bytes, status);
    if (!message)
        return outcome(status);
    Reader reader(*message);
    const unsigned version = reader.number(2); // legacy_version
    reader.take(32);                           // random
    reader.vector(1);                          // legacy_session_id
    const std::string_view ciphers = reader.vector(2);
    reader.vector(1); // legacy_compression_methods
    if (!reader.good() || ciphers.empty())
        return outcome(Status::NotTls);
    ClientHello hello = outcome(Status::Complete);
    if (withOffer) {
        hello.offer.version = version;
        hello.offer.ciphers = numbers(ciphers, 2);
    }
    if (reader.atEnd())
        return hello;
    Reader extensions(reader.vector(2));
    if (!reader.good())
        return outcome(Status::NotTls);
    while (extensions.good() && !extensions.atEnd()) {
        const unsigned type = extensions.number(2);
        const std::string_view extension = extensions.vector(2);
        if (!extensions.good())
            return outcome(Status::NotTls);
        if (withOffer)
            readOffer(type, extension, hello.offer);
        if (type == ServerNameExtension)
            readServerName(extension, hello);
        else if (type == AlpnExtension)
            readProtocols(extension, hello);
    }
    return hello;
}

} // namespace sallyport::server
