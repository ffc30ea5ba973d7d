// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/client_fingerprint.h"

#include <QCryptographicHash>

#include <algorithm>
#include <cctype>

namespace sallyport::server {

namespace {

constexpr unsigned ServerNameExtension = 0;
constexpr unsigned AlpnExtension = 16;

/// Values that clients make up so that servers learn to pass over what they do not know (RFC 8701).
bool isGrease(unsigned value)
{
    return (value & 0x0F0FU) == 0x0A0AU;
}

std::vector<unsigned> withoutGrease(std::vector<unsigned> values)
{
    values.erase(std::remove_if(values.begin(), values.end(), isGrease), values.end());
    return values;
}

std::string hexadecimal(unsigned value)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (int shift = 12; shift >= 0; shift -= 4)
        text += digits[value >> static_cast<unsigned>(shift) & 0xFU];
    return text;
}

template<typename Text>
std::string joined(const std::vector<unsigned> &values, char separator, Text &&text)
{
    std::string all;
    for (const unsigned value : values) {
        if (!all.empty())
            all += separator;
        all += text(value);
    }
    return all;
}

std::string digest(QCryptographicHash::Algorithm algorithm, const std::string &text)
{
    return QCryptographicHash::hash(QByteArray::fromStdString(text), algorithm).toHex().toStdString();
}

/// The beginning of a SHA-256; zeros for nothing.
std::string shortDigest(const std::string &text)
{
    constexpr std::size_t length = 12;
    return text.empty() ? std::string(length, '0')
                        : digest(QCryptographicHash::Sha256, text).substr(0, length);
}

std::string_view versionText(unsigned version)
{
    switch (version) {
    case 0x0304:
        return "13";
    case 0x0303:
        return "12";
    case 0x0302:
        return "11";
    case 0x0301:
        return "10";
    case 0x0300:
        return "s3";
    default:
        return "00";
    }
}

/// Two digits, at most 99.
std::string count(std::size_t number)
{
    const std::size_t most = std::min<std::size_t>(number, 99);
    return {static_cast<char>('0' + most / 10), static_cast<char>('0' + most % 10)};
}

/// First and last character of what the client likes best to speak.
std::string protocolText(const std::vector<std::string> &protocols)
{
    if (protocols.empty())
        return "00";
    const std::string &first = protocols.front();
    const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
    if (plain(first.front()) && plain(first.back()))
        return {first.front(), first.back()};
    constexpr char digits[] = "0123456789abcdef";
    return {digits[static_cast<unsigned char>(first.front()) >> 4U],
            digits[static_cast<unsigned char>(first.back()) & 0xFU]};
}

} // namespace

std::string ja3Fingerprint(const ClientHello &hello)
{
    const auto decimal = [](unsigned value) { return std::to_string(value); };
    const ClientHello::Offer &offer = hello.offer;
    std::string text = std::to_string(offer.version);
    for (const std::vector<unsigned> *list : {&offer.ciphers, &offer.extensions})
        text += ',' + joined(withoutGrease(*list), '-', decimal);
    // Envoy keeps what is made up among the groups.
    for (const std::vector<unsigned> *list : {&offer.groups, &offer.pointFormats})
        text += ',' + joined(*list, '-', decimal);
    return digest(QCryptographicHash::Md5, text);
}

std::string ja4Fingerprint(const ClientHello &hello)
{
    const ClientHello::Offer &offer = hello.offer;
    const std::vector<unsigned> versions = withoutGrease(offer.versions);
    std::vector<unsigned> ciphers = withoutGrease(offer.ciphers);
    std::vector<unsigned> extensions = withoutGrease(offer.extensions);
    const bool named =
        std::find(extensions.begin(), extensions.end(), ServerNameExtension) != extensions.end();

    std::string text = "t";
    text +=
        versionText(versions.empty() ? offer.version : *std::max_element(versions.begin(), versions.end()));
    text += named ? 'd' : 'i';
    text += count(ciphers.size()) + count(extensions.size()) + protocolText(hello.applicationProtocols);

    std::sort(ciphers.begin(), ciphers.end());
    text += '_' + shortDigest(joined(ciphers, ',', hexadecimal));

    extensions.erase(
        std::remove_if(extensions.begin(), extensions.end(),
                       [](unsigned type) { return type == ServerNameExtension || type == AlpnExtension; }),
        extensions.end());
    std::sort(extensions.begin(), extensions.end());
    std::string rest = joined(extensions, ',', hexadecimal);
    if (const std::vector<unsigned> algorithms = withoutGrease(offer.signatureAlgorithms);
        !algorithms.empty())
        rest += '_' + joined(algorithms, ',', hexadecimal);
    return text + '_' + shortDigest(rest);
}

} // namespace sallyport::server
