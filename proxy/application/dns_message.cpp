// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/dns_message.h"

#include "core/result/ascii_case.h"

#include <QtEndian>
#include <algorithm>

namespace sallyport::application {

namespace {

constexpr qsizetype headSize = 12;
constexpr qsizetype mostBytes = 512; // of a message over UDP
constexpr quint16 internet = 1;
constexpr quint16 isAnswer = 0x8400; // QR and AA
constexpr quint16 recursionWanted = 0x0100;
constexpr quint16 recursionDone = 0x0080;
constexpr quint16 operationBits = 0x7800;
constexpr quint16 noSuchName = 3;
constexpr quint32 life = 5; // seconds: names move when the project is edited
constexpr quint16 nameOfQuestion = 0xC000 | headSize;

quint16 number(const QByteArray &message, qsizetype at)
{
    return qFromBigEndian<quint16>(message.constData() + at);
}

template<typename T>
void append(QByteArray &message, T value)
{
    const T big = qToBigEndian(value);
    message.append(reinterpret_cast<const char *>(&big), sizeof big);
}

} // namespace

std::optional<DnsQuestion> DnsQuestion::parse(const QByteArray &query)
{
    constexpr quint16 answerBit = 0x8000;
    if (query.size() < headSize || (number(query, 2) & (answerBit | operationBits)) != 0 ||
        number(query, 4) != 1)
        return std::nullopt;
    DnsQuestion question;
    qsizetype at = headSize;
    while (true) {
        if (at >= query.size())
            return std::nullopt;
        const auto length = static_cast<quint8>(query[at++]);
        if (length == 0)
            break;
        constexpr quint8 longestLabel = 63;
        if (length > longestLabel || at + length > query.size())
            return std::nullopt;
        if (!question.name.empty())
            question.name += '.';
        question.name.append(query.constData() + at, length);
        at += length;
    }
    if (at + 4 > query.size() || number(query, at + 2) != internet)
        return std::nullopt;
    question.name = asciiLowered(question.name);
    question.type = number(query, at);
    question.end = at + 4;
    return question;
}

QByteArray dnsAnswer(const QByteArray &query, const DnsQuestion &question, bool known,
                     const std::vector<QHostAddress> &addresses)
{
    QByteArray records;
    quint16 count = 0;
    for (const QHostAddress &address : addresses) {
        const bool four = address.protocol() == QAbstractSocket::IPv4Protocol;
        if (question.type != (four ? DnsQuestion::typeA : DnsQuestion::typeAaaa))
            continue;
        QByteArray record;
        append(record, nameOfQuestion);
        append(record, question.type);
        append(record, internet);
        append(record, life);
        if (four) {
            append(record, quint16{sizeof(quint32)});
            append(record, address.toIPv4Address());
        } else {
            const Q_IPV6ADDR bytes = address.toIPv6Address();
            append(record, quint16{sizeof bytes.c});
            record.append(reinterpret_cast<const char *>(bytes.c), sizeof bytes.c);
        }
        if (question.end + records.size() + record.size() > mostBytes)
            break;
        records += record;
        ++count;
    }
    QByteArray answer = query.left(2);
    append(answer, static_cast<quint16>(isAnswer | recursionDone | (number(query, 2) & recursionWanted) |
                                        (known ? 0 : noSuchName)));
    append(answer, quint16{1});
    append(answer, count);
    append(answer, quint32{0});
    return answer + query.mid(headSize, question.end - headSize) + records;
}

} // namespace sallyport::application
