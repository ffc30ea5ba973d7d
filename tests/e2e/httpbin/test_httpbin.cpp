// SPDX-License-Identifier: GPL-3.0-or-later
// Starts the real program and asks it with curl.
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

class TestHttpbin : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        const QStringList request{"req",
                                  "-x509",
                                  "-newkey",
                                  "ec",
                                  "-pkeyopt",
                                  "ec_paramgen_curve:P-256",
                                  "-nodes",
                                  "-keyout",
                                  path("key.pem"),
                                  "-out",
                                  path("cert.pem"),
                                  "-subj",
                                  "/CN=app",
                                  "-addext",
                                  "subjectAltName=DNS:app.test",
                                  "-days",
                                  "2"};
        QCOMPARE(QProcess::execute("openssl", request), 0);
        m_server.start(SALLYPORT_BIN_DIR "/sallyport-httpbin",
                       {"--listen", "127.0.0.1:0", "--listen-tls", "127.0.0.1:0", "--tls-cert",
                        path("cert.pem"), "--tls-key", path("key.pem")});
        QByteArray output;
        while (output.count('\n') < 2 && m_server.waitForReadyRead(10000))
            output += m_server.readAllStandardOutput();
        const QRegularExpression port(QStringLiteral("listening on 127\\.0\\.0\\.1:(\\d+)"));
        auto match = port.globalMatch(QString::fromUtf8(output));
        QVERIFY(match.hasNext());
        m_port = match.next().captured(1);
        QVERIFY(match.hasNext());
        m_tlsPort = match.next().captured(1);
    }

    void cleanupTestCase()
    {
        m_server.terminate();
        QVERIFY(m_server.waitForFinished());
        QCOMPARE(m_server.exitCode(), 0);
    }

    void statusAndHeaders_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("target");
        QTest::addColumn<QByteArray>("statusLine");
        QTest::addColumn<QByteArray>("contains");
        const QByteArray empty = "Content-Type: text/html; charset=utf-8\r\nAccess-Control-Allow-Origin: "
                                 "*\r\nAccess-Control-Allow-Credentials: "
                                 "true\r\nContent-Length: 0\r\n\r\n";
        QTest::newRow("200") << QStringList() << "/status/200" << QByteArray("HTTP/1.1 200 OK") << empty;
        QTest::newRow("418") << QStringList() << "/status/418" << QByteArray("HTTP/1.1 418 I'M A TEAPOT")
                             << QByteArray("-=[ teapot ]=-");
        QTest::newRow("204 has no length")
            << QStringList() << "/status/204" << QByteArray("HTTP/1.1 204 NO CONTENT")
            << QByteArray("Credentials: true\r\n\r\n");
        QTest::newRow("HEAD has a length and no body")
            << QStringList{"-I"} << "/status/418" << QByteArray("HTTP/1.1 418 ")
            << QByteArray("Content-Length: 135\r\n\r\n");
        QTest::newRow("weights") << QStringList() << "/status/201,500:0" << QByteArray("HTTP/1.1 201 ")
                                 << QByteArray();
        QTest::newRow("unknown") << QStringList() << "/nope" << QByteArray("HTTP/1.1 404 NOT FOUND")
                                 << QByteArray("404 Not Found");
        QTest::newRow("wrong method") << QStringList{"-X", "POST"} << "/get" << QByteArray("HTTP/1.1 405 ")
                                      << QByteArray("Allow: GET, HEAD, OPTIONS\r\n");
        QTest::newRow("merged slashes") << QStringList() << "/anything//a" << QByteArray("HTTP/1.1 308 ")
                                        << QByteArray("/anything/a\r\n");
        QTest::newRow("stream") << QStringList() << "/stream/3" << QByteArray("HTTP/1.1 200 ")
                                << QByteArray("Transfer-Encoding: chunked\r\n");
        QTest::newRow("range") << QStringList{"-H", "Range: bytes=2-4"} << "/range/26"
                               << QByteArray("HTTP/1.1 206 ") << QByteArray("\r\n\r\ncde");
        QTest::newRow("authorised") << QStringList{"-u", "u:p"} << "/basic-auth/u/p"
                                    << QByteArray("HTTP/1.1 200 ") << QByteArray("\"authenticated\":true");
        QTest::newRow("not authorised")
            << QStringList{"-u", "u:x"} << "/basic-auth/u/p" << QByteArray("HTTP/1.1 401 ")
            << QByteArray("WWW-Authenticate: Basic");
        QTest::newRow("preflight") << QStringList{"-X", "OPTIONS", "-H", "Origin: https://a.b"}
                                   << "/status/200" << QByteArray("HTTP/1.1 200 ")
                                   << QByteArray("Access-Control-Allow-Origin: https://a.b\r\n");
        QTest::newRow("expect") << QStringList{"-H", "Expect: 100-continue", "-d", "x=1"} << "/post"
                                << QByteArray("HTTP/1.1 100 Continue") << QByteArray("\"x\":\"1\"");
    }
    void statusAndHeaders()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, target);
        QFETCH(QByteArray, statusLine);
        QFETCH(QByteArray, contains);
        const QByteArray answer = curl(arguments + QStringList{"-i", "http://127.0.0.1:" + m_port + target});
        QVERIFY2(answer.startsWith(statusLine), answer.constData());
        QVERIFY2(answer.contains(contains), answer.constData());
    }

    void echoesWhatCame()
    {
        const QJsonObject echoed =
            QJsonDocument::fromJson(
                curl({"-d", "a=1&a=2", "-H", "x-token: 7", "-H", "X-Forwarded-Proto: https", "-H",
                      "X-Forwarded-For: 10.0.0.9", "-H", "Host: test.com",
                      "http://127.0.0.1:" + m_port + "/anything/x?b=c%20d"}))
                .object();
        QCOMPARE(echoed["args"]["b"].toString(), QString("c d"));
        QCOMPARE(echoed["form"]["a"][1].toString(), QString("2"));
        QCOMPARE(echoed["headers"]["X-Token"].toString(), QString("7"));
        QVERIFY(!echoed["headers"].toObject().contains("X-Forwarded-For"));
        QCOMPARE(echoed["origin"].toString(), QString("10.0.0.9"));
        QCOMPARE(echoed["url"].toString(), QString("https://test.com/anything/x?b=c%20d"));
        QCOMPARE(echoed["method"].toString(), QString("POST"));
    }

    void keepsTheConnection()
    {
        const QString url = "http://127.0.0.1:" + m_port + "/status/200";
        const QByteArray connects = curl({"-w", "%{num_connects}", url, url, url});
        QCOMPARE(connects, QByteArray("100"));
    }

    void speaksTls()
    {
        const QByteArray body = curl({"--cacert", path("cert.pem"), "--connect-to",
                                      "app.test:443:127.0.0.1:" + m_tlsPort, "https://app.test/get"});
        QCOMPARE(QJsonDocument::fromJson(body)["url"].toString(), QString("https://app.test/get"));
    }

    void compresses()
    {
        QVERIFY(curl({"--compressed", "http://127.0.0.1:" + m_port + "/gzip"}).contains("\"gzipped\":true"));
        QVERIFY(
            curl({"--compressed", "http://127.0.0.1:" + m_port + "/deflate"}).contains("\"deflated\":true"));
    }

    void wrongUsage_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("nothing") << QStringList();
        QTest::newRow("no port") << QStringList{"--listen", "127.0.0.1"};
        QTest::newRow("TLS without certificate") << QStringList{"--listen-tls", "127.0.0.1:0"};
    }
    void wrongUsage()
    {
        QFETCH(QStringList, arguments);
        QProcess process;
        process.start(SALLYPORT_BIN_DIR "/sallyport-httpbin", arguments);
        QVERIFY(process.waitForFinished());
        QCOMPARE(process.exitCode(), 2);
    }

private:
    QString path(const char *name) const { return m_folder.filePath(name); }

    static QByteArray curl(const QStringList &arguments)
    {
        QProcess process;
        process.start("curl", QStringList{"-s", "-m", "20"} + arguments);
        process.waitForFinished(30000);
        return process.readAllStandardOutput();
    }

    QTemporaryDir m_folder;
    QProcess m_server;
    QString m_port;
    QString m_tlsPort;
};

QTEST_GUILESS_MAIN(TestHttpbin)
#include "test_httpbin.moc"
