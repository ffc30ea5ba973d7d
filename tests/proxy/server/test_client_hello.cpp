// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/client_hello.h"
#include "proxy/server/http_inspection.h"

#include <QTest>
#include <openssl/ssl.h>

using namespace sallyport::server;

namespace {

/// What OpenSSL sends first.
std::string realClientHello(const char *serverName, std::string_view alpn, std::size_t padding = 0)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);
    SSL_set_connect_state(ssl);
    if (serverName != nullptr)
        SSL_set_tlsext_host_name(ssl, serverName);
    std::string protocols(alpn);
    for (std::size_t i = 0; i < padding; ++i)
        protocols.append(1, '\x7f').append(127, 'p');
    if (!protocols.empty())
        SSL_set_alpn_protos(ssl, reinterpret_cast<const unsigned char *>(protocols.data()),
                            static_cast<unsigned>(protocols.size()));
    BIO *in = BIO_new(BIO_s_mem());
    BIO *out = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl, in, out);
    SSL_do_handshake(ssl);
    char *bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    std::string hello(bytes, static_cast<std::size_t>(size));
    SSL_free(ssl);
    SSL_CTX_free(context);
    return hello;
}

/// The same handshake message in records of `size` bytes.
std::string fragmented(const std::string &hello, std::size_t size)
{
    std::string result;
    for (std::string_view message = std::string_view(hello).substr(5); !message.empty();) {
        const std::string_view piece = message.substr(0, size);
        result += hello.substr(0, 3);
        result += static_cast<char>(piece.size() >> 8U);
        result += static_cast<char>(piece.size() & 0xFFU);
        result += piece;
        message.remove_prefix(piece.size());
    }
    return result;
}

} // namespace

class TestClientHello : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsNameAndProtocols()
    {
        const ClientHello hello = inspectClientHello(realClientHello("Test.COM", "\x02h2\x08http/1.1"));
        QCOMPARE(hello.status, ClientHello::Status::Complete);
        QCOMPARE(hello.serverName, std::string("test.com"));
        QCOMPARE(hello.applicationProtocols, (std::vector<std::string>{"h2", "http/1.1"}));
    }
    void worksWithoutEither()
    {
        const ClientHello hello = inspectClientHello(realClientHello(nullptr, {}));
        QCOMPARE(hello.status, ClientHello::Status::Complete);
        QVERIFY(hello.serverName.empty());
        QVERIFY(hello.applicationProtocols.empty());
    }
    void waitsForTheLastByte()
    {
        const std::string hello = realClientHello("test.com", "\x02h2");
        for (std::size_t size = 0; size < hello.size(); ++size)
            QCOMPARE(inspectClientHello(std::string_view(hello).substr(0, size)).status,
                     ClientHello::Status::NeedMore);
        QCOMPARE(inspectClientHello(hello + "more").status, ClientHello::Status::Complete);
    }
    void joinsRecords()
    {
        const std::string hello = realClientHello("test.com", "\x02h2");
        for (const std::size_t size : {std::size_t(1), std::size_t(7), std::size_t(100)}) {
            const ClientHello joined = inspectClientHello(fragmented(hello, size));
            QCOMPARE(joined.status, ClientHello::Status::Complete);
            QCOMPARE(joined.serverName, std::string("test.com"));
        }
    }
    void refusesWhatIsTooLarge()
    {
        QCOMPARE(inspectClientHello(realClientHello("test.com", {}, 150)).status,
                 ClientHello::Status::TooLarge);
    }
    void leavesOtherProtocolsAlone_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("http") << QByteArray("GET / HTTP/1.1\r\n");
        QTest::newRow("ssh") << QByteArray("SSH-2.0-x\r\n");
        QTest::newRow("application data") << QByteArray("\x17\x03\x03\x00\x10", 5);
        QTest::newRow("wrong version") << QByteArray("\x16\x02\x01\x00\x05", 5);
        QTest::newRow("empty record") << QByteArray("\x16\x03\x01\x00\x00", 5);
        QTest::newRow("record too long") << QByteArray("\x16\x03\x01\xff\xff", 5);
        QTest::newRow("server hello") << QByteArray("\x16\x03\x01\x00\x04\x02\x00\x00\x00", 9);
        QTest::newRow("no content") << QByteArray("\x16\x03\x01\x00\x04\x01\x00\x00\x00", 9);
    }
    void leavesOtherProtocolsAlone()
    {
        QFETCH(QByteArray, bytes);
        QCOMPARE(inspectClientHello(bytes.toStdString()).status, ClientHello::Status::NotTls);
    }
    /// BoringSSL, and so Envoy, says nothing of less than a record's header, whatever it begins with.
    void waitsForARecordsHeader()
    {
        for (const char *bytes : {"\x17", "GET", "\x16\x02\x01"})
            QCOMPARE(inspectClientHello(bytes).status, ClientHello::Status::NeedMore);
    }
    void survivesEveryChangedByte()
    {
        const std::string hello = realClientHello("test.com", "\x02h2");
        for (std::size_t i = 0; i < hello.size(); ++i) {
            for (const char value : {'\x00', '\x7f', '\xff'}) {
                std::string changed = hello;
                changed[i] = value;
                inspectClientHello(changed);
            }
        }
    }

    void inspectsHttp_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("expected");
        const auto row = [](const char *bytes, HttpInspection expected) {
            QTest::newRow(bytes) << QByteArray(bytes) << static_cast<int>(expected);
        };
        row("GET / HTTP/1.1\r\n", HttpInspection::Http11);
        row("\r\nGET / HTTP/1.1\r\n", HttpInspection::NotHttp);
        row("GET / HTTP/1.0\n", HttpInspection::Http10);
        row("FOO / HTTP/1.1\r\n", HttpInspection::Http11);
        row("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", HttpInspection::Http2);
        row("PRI * HTTP/2.0\r\n\r\nSM", HttpInspection::NeedMore);
        row("P", HttpInspection::NeedMore);
        row("GET / HTTP/1.1", HttpInspection::NeedMore);
        row("hi", HttpInspection::NeedMore);
        row("", HttpInspection::NeedMore);
        row("SSH-2.0\r\n", HttpInspection::NotHttp);
        row("\x01\x02", HttpInspection::NotHttp);
        row("GET / HTTP/3.0\r\n", HttpInspection::Http10); // any version but 1.1
    }
    void inspectsHttp()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, expected);
        QCOMPARE(static_cast<int>(inspectHttp(bytes.toStdString())), expected);
    }
};

QTEST_APPLESS_MAIN(TestClientHello)
#include "test_client_hello.moc"
