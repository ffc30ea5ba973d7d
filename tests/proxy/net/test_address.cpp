// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/address.h"
#include "proxy/net/proxy_protocol.h"

#include <QTest>

using namespace sallyport::net;
using Status = ProxyHeaderParse::Status;

class TestAddress : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textForms_data()
    {
        QTest::addColumn<QString>("ip");
        QTest::addColumn<int>("port");
        QTest::addColumn<QString>("text");
        QTest::newRow("v4") << "10.0.0.1" << 80 << "10.0.0.1:80";
        QTest::newRow("zero") << "0.0.0.0" << 0 << "0.0.0.0:0";
        QTest::newRow("highest") << "255.255.255.255" << 65535 << "255.255.255.255:65535";
        QTest::newRow("v6 loopback") << "::1" << 443 << "[::1]:443";
        QTest::newRow("v6") << "2001:db8:0:0::7" << 1 << "[2001:db8::7]:1";
    }
    void textForms()
    {
        QFETCH(QString, ip);
        QFETCH(int, port);
        QFETCH(QString, text);
        const auto address = Address::parseIp(ip.toStdString(), static_cast<std::uint16_t>(port));
        QVERIFY(address.has_value());
        QCOMPARE(address->toString(), text.toStdString());
        QCOMPARE(Address::parseHostPort(text.toStdString()).value(), *address);
        sockaddr_storage storage;
        const auto length = address->toSockaddr(storage);
        QCOMPARE(Address::fromSockaddr(reinterpret_cast<sockaddr *>(&storage), length), *address);
    }

    void notAnAddress_data()
    {
        QTest::addColumn<QString>("text");
        for (const char *text : {"", "1.2.3", "1.2.3.4.5", "256.1.1.1", "host", "01.2.3.4x", ":::1"})
            QTest::newRow(text) << text;
    }
    void notAnAddress()
    {
        QFETCH(QString, text);
        QVERIFY(!Address::parseIp(text.toStdString(), 0));
        QVERIFY(!Address::isIpLiteral(text.toStdString()));
    }

    void ranges_data()
    {
        QTest::addColumn<QString>("prefix");
        QTest::addColumn<int>("length");
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("inside");
        QTest::newRow("inside") << "10.1.0.0" << 16 << "10.1.255.3" << true;
        QTest::newRow("outside") << "10.1.0.0" << 16 << "10.2.0.3" << false;
        QTest::newRow("host") << "10.1.0.1" << 32 << "10.1.0.1" << true;
        QTest::newRow("everything") << "0.0.0.0" << 0 << "8.8.8.8" << true;
        QTest::newRow("other family") << "0.0.0.0" << 0 << "::1" << false;
        QTest::newRow("v6 odd length") << "2001:db8::" << 33 << "2001:db8:7fff::1" << true;
        QTest::newRow("v6 outside") << "2001:db8::" << 33 << "2001:db8:8000::1" << false;
        QTest::newRow("too long is longest") << "10.1.0.1" << 99 << "10.1.0.1" << true;
    }
    void ranges()
    {
        QFETCH(QString, prefix);
        QFETCH(int, length);
        QFETCH(QString, address);
        QFETCH(bool, inside);
        const auto range = AddressRange::parse(prefix.toStdString(), static_cast<unsigned>(length));
        QVERIFY(range.has_value());
        QCOMPARE(range->contains(*Address::parseIp(address.toStdString(), 5)), inside);
    }

    void proxyHeaders_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<Status>("status");
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("destination");
        const auto v2 = [](const char *rest, int size) {
            return QByteArray("\r\n\r\n\0\r\nQUIT\n", 12) + QByteArray(rest, size);
        };
        QTest::newRow("v1") << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\nGET") << Status::Complete
                            << "1.2.3.4:1000"
                            << "5.6.7.8:80";
        QTest::newRow("v1 six") << QByteArray("PROXY TCP6 ::1 ::2 1000 80\r\n") << Status::Complete
                                << "[::1]:1000"
                                << "[::2]:80";
        QTest::newRow("v1 unknown") << QByteArray("PROXY UNKNOWN whatever\r\n") << Status::Complete << ""
                                    << "";
        QTest::newRow("v1 incomplete") << QByteArray("PROXY TCP4 1.2.3.4 5.6") << Status::NeedMore << ""
                                       << "";
        QTest::newRow("v1 mixed families")
            << QByteArray("PROXY TCP4 1.2.3.4 ::1 1 2\r\n") << Status::Invalid << ""
            << "";
        QTest::newRow("v1 leading zero")
            << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 01 2\r\n") << Status::Complete << "1.2.3.4:1"
            << "5.6.7.8:2";
        QTest::newRow("v1 unknown word") << QByteArray("PROXY UNKNOWNX\r\n") << Status::Invalid << ""
                                         << "";
        QTest::newRow("v1 multicast")
            << QByteArray("PROXY TCP4 224.0.0.1 5.6.7.8 1 2\r\n") << Status::Invalid << ""
            << "";
        QTest::newRow("a line that is none") << QByteArray("hello\r\n") << Status::Invalid << ""
                                             << "";
        QTest::newRow("v1 port too large")
            << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1 70000\r\n") << Status::Invalid << ""
            << "";
        QTest::newRow("v1 too few words")
            << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n") << Status::Invalid << ""
            << "";
        QTest::newRow("v1 too many words")
            << QByteArray("PROXY TCP4 1.2.3.4 5.6.7.8 1 2 3\r\n") << Status::Invalid << ""
            << "";
        QTest::newRow("v1 endless") << QByteArray("PROXY TCP4 ") + QByteArray(200, '1') << Status::Invalid
                                    << ""
                                    << "";
        QTest::newRow("v2") << v2("\x21\x11\x00\x0C\x01\x02\x03\x04\x05\x06\x07\x08\x03\xE8\x00\x50", 16)
                            << Status::Complete << "1.2.3.4:1000"
                            << "5.6.7.8:80";
        QTest::newRow("v2 local") << v2("\x20\x00\x00\x00", 4) << Status::Complete << ""
                                  << "";
        QTest::newRow("v2 incomplete") << v2("\x21\x11\x00\x0C\x01", 5) << Status::NeedMore << ""
                                       << "";
        QTest::newRow("v2 too short") << v2("\x21\x11\x00\x02\x01\x02", 6) << Status::Invalid << ""
                                      << "";
        QTest::newRow("v2 version 3") << v2("\x31\x11\x00\x00", 4) << Status::Invalid << ""
                                      << "";
        QTest::newRow("v2 unix") << v2("\x21\x31\x00\x00", 4) << Status::Invalid << ""
                                 << "";
        QTest::newRow("v2 bad tlv")
            << v2("\x21\x11\x00\x0F\x01\x02\x03\x04\x05\x06\x07\x08\x03\xE8\x00\x50\x01\x00\x09", 19)
            << Status::Invalid << ""
            << "";
        QTest::newRow("prefix") << QByteArray("PRO") << Status::NeedMore << ""
                                << "";
        QTest::newRow("v2 prefix") << QByteArray("\r\n\r\n") << Status::NeedMore << ""
                                   << "";
        QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\n") << Status::NotProxy << ""
                              << "";
        QTest::newRow("too few bytes to know") << QByteArray("\x16\x03\x01") << Status::NeedMore << ""
                                               << "";
    }
    void proxyHeaders()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(Status, status);
        QFETCH(QString, source);
        QFETCH(QString, destination);
        const auto parse = parseProxyHeader(bytes.toStdString());
        QCOMPARE(parse.status, status);
        if (status != Status::Complete)
            return;
        QCOMPARE(parse.header.local, source.isEmpty());
        QCOMPARE(parse.header.source.toString(), source.toStdString());
        QCOMPARE(parse.header.destination.toString(), destination.toStdString());
    }

    void writtenHeadersAreReadBack()
    {
        const auto source = *Address::parseIp("10.9.8.7", 65000);
        const auto destination = *Address::parseIp("240.0.0.1", 443);
        const auto six = *Address::parseIp("2001:db8::1", 7);
        for (const auto &[from, to] : {std::pair(source, destination), std::pair(six, six)}) {
            for (const std::string &header : {proxyHeaderV1(from, to), proxyHeaderV2(from, to)}) {
                const auto parse = parseProxyHeader(header + "rest");
                QCOMPARE(parse.status, Status::Complete);
                QCOMPARE(parse.length, header.size());
                QCOMPARE(parse.header.source, from);
                QCOMPARE(parse.header.destination, to);
            }
        }
        QVERIFY(parseProxyHeader(proxyHeaderV2(source, six)).header.local);
        QVERIFY(parseProxyHeader(proxyHeaderV1(source, six)).header.local);
    }
};

QTEST_GUILESS_MAIN(TestAddress)
#include "test_address.moc"
