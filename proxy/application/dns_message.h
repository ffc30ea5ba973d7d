// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <optional>
#include <string>
#include <vector>

namespace sallyport::application {

/// The one question of a DNS query (RFC 1035, 4.1).
struct DnsQuestion
{
    static constexpr quint16 typeA = 1;
    static constexpr quint16 typeAaaa = 28;

    std::string name; ///< in lower case, without a dot at its end
    quint16 type = 0;
    qsizetype end = 0; ///< of the question in its message

    /// None: that is no query with one question of the Internet's class.
    static std::optional<DnsQuestion> parse(const QByteArray &query);
};

/// The answer to `query`, whose question is `question`: as many of the addresses as have room in a datagram.
/// `known`: there is such a name, though it may have no addresses of this family.
QByteArray dnsAnswer(const QByteArray &query, const DnsQuestion &question, bool known,
                     const std::vector<QHostAddress> &addresses);

} // namespace sallyport::application
