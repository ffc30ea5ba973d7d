// SPDX-License-Identifier: GPL-3.0-or-later
// curl, nghttp and h2load with what they can do to a server: every version, uploads of every kind, large
// heads, small windows, many streams.
#include "tests/e2e/clients/script_of_peers.h"
#include "tests/e2e/hardness/odd_upstream.h"

#include <QCryptographicHash>

using namespace bootstrap_text;

class TestCommandLineClients : public QObject
{
    Q_OBJECT

    static constexpr int Size = 8 * 1024 * 1024;

    TestPki m_pki;
    QTemporaryDir m_folder;
    QByteArray m_content;
    std::unique_ptr<OddUpstream> m_upstream;
    std::unique_ptr<AttackedGateway> m_gateway;
    std::unique_ptr<AttackedGateway> m_tlsGateway;

    /// `/upload` answers with the body's checksum, `/download` with a large body.
    void serve(int fd, const std::string &head) const
    {
        if (head.find(" /download ") != std::string::npos) {
            Peer::sendAll(fd, "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n");
            for (int at = 0; at < Size; at += 65536)
                Peer::sendAll(fd, "10000\r\n" + m_content.mid(at, 65536).toStdString() + "\r\n");
            Peer::sendAll(fd, "0\r\n\r\n");
            return;
        }
        const QByteArray body = head.find("transfer-encoding: chunked") != std::string::npos
                                    ? readChunks(fd)
                                    : readExactly(fd, lengthOf(head));
        Peer::sendAll(fd, "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 64\r\n\r\n" +
                              checksum(body).toStdString());
    }
    static QByteArray checksum(const QByteArray &body)
    {
        return QCryptographicHash::hash(body, QCryptographicHash::Sha256).toHex();
    }
    static qsizetype lengthOf(const std::string &head)
    {
        const std::size_t at = head.find("\r\ncontent-length: ");
        return at == std::string::npos ? 0 : static_cast<qsizetype>(std::stoul(head.substr(at + 18)));
    }
    static QByteArray readExactly(int fd, qsizetype count)
    {
        if (count == 0)
            return {};
        QByteArray bytes(count, Qt::Uninitialized);
        const ssize_t got = ::recv(fd, bytes.data(), static_cast<std::size_t>(count), MSG_WAITALL);
        bytes.resize(std::max<qsizetype>(got, 0));
        return bytes;
    }
    static QByteArray readChunks(int fd)
    {
        QByteArray body;
        while (true) {
            QByteArray line;
            while (!line.endsWith("\r\n")) {
                const QByteArray byte = readExactly(fd, 1);
                if (byte.isEmpty())
                    return "cut short";
                line += byte;
            }
            const qsizetype size = line.trimmed().toLongLong(nullptr, 16);
            body += readExactly(fd, size);
            readExactly(fd, 2);
            if (size == 0)
                return body;
        }
    }

    /// What the program says, and how it failed if it did.
    static QByteArray output(const QString &program, const QStringList &arguments)
    {
        ChildProgram child(QStringList{program} + arguments);
        const int code = child.finish(120000);
        return code == 0 ? child.out : child.out + child.err + " exit code " + QByteArray::number(code);
    }
    QStringList credentials() const
    {
        return {"--cacert", m_pki.path("ca.pem"),    "--cert", m_pki.path("client.pem"),
                "--key",    m_pki.path("client.key")};
    }
    /// curl in one of its ways to this gateway.
    QByteArray curl(const QString &way, const QString &path, const QStringList &arguments) const
    {
        QStringList all{"-sS", "--max-time", "60"};
        if (way.contains("TLS")) {
            all +=
                credentials() + QStringList{way.contains("HTTP/2") ? "--http2" : "--http1.1", "--connect-to",
                                            QString("test.com:443:127.0.0.1:%1").arg(m_tlsGateway->port)};
            return output("curl", all + arguments + QStringList{"https://test.com" + path});
        }
        all << (way.contains("HTTP/2") ? "--http2-prior-knowledge" : "--http1.1");
        return output("curl",
                      all + arguments +
                          QStringList{QString("http://127.0.0.1:%1%2").arg(m_gateway->port).arg(path)});
    }

private Q_SLOTS:
    void initTestCase()
    {
        SALLYPORT_NEEDS_ENGINE();
        m_content.resize(Size);
        for (int i = 0; i < Size; ++i)
            m_content[i] = static_cast<char>(i * 2654435761U >> 24);
        QFile file(m_folder.filePath("content"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(m_content), qint64(Size));
        m_upstream =
            std::make_unique<OddUpstream>([this](int fd, const std::string &head) { serve(fd, head); });
        const auto clusters = [this] { return cluster("up", {m_upstream->port()}); };
        m_gateway = std::make_unique<AttackedGateway>([&](quint16 port) {
            return bootstrap(listener("main", port, chain(httpManager())), clusters());
        });
        m_tlsGateway = std::make_unique<AttackedGateway>([&](quint16 port) {
            return bootstrap(listener("main", port, mutualTlsChain(m_pki, httpManager())), clusters());
        });
    }
    void cleanupTestCase()
    {
        for (AttackedGateway *gateway : {m_gateway.get(), m_tlsGateway.get()}) {
            if (gateway != nullptr) {
                QTRY_COMPARE(gateway->stat("http.in.downstream_rq_active"), 0);
                QVERIFY(gateway->terminates());
            }
        }
        m_gateway.reset();
        m_tlsGateway.reset();
        m_upstream.reset();
    }

    void curlInEachWay_data()
    {
        QTest::addColumn<QByteArray>("version");
        QTest::newRow("HTTP/1.1") << QByteArray("1.1");
        QTest::newRow("HTTP/2") << QByteArray("2");
        QTest::newRow("HTTP/1.1 over TLS") << QByteArray("1.1");
        QTest::newRow("HTTP/2 over TLS") << QByteArray("2");
    }
    void curlInEachWay()
    {
        QFETCH(QByteArray, version);
        const QString way = QTest::currentDataTag();
        const QByteArray ended = " 200 " + version;
        const QStringList tell{"--write-out", " %{http_code} %{http_version}"};
        QCOMPARE(curl(way, "/good", tell), "good" + ended);
        // The upstream has often ended before the client has read everything.
        for (int i = 0; i < 10; ++i)
            QVERIFY(curl(way, "/download", {}) == m_content);
        const QByteArray sum = checksum(m_content);
        const QString file = m_folder.filePath("content");
        QCOMPARE(curl(way, "/upload", tell + QStringList{"--data-binary", "@" + file}), sum + ended);
        QCOMPARE(curl(way, "/upload", tell + QStringList{"--upload-file", file}), sum + ended);
        QCOMPARE(curl(way, "/upload",
                      tell + QStringList{"--upload-file", file, "--header", "transfer-encoding: chunked"}),
                 sum + ended);
        QCOMPARE(curl(way, "/upload",
                      tell + QStringList{"--data-binary", "@" + file, "--header", "expect: 100-continue"}),
                 sum + ended);
        QCOMPARE(curl(way, "/upload", tell + QStringList{"--data-binary", "", "--request", "PUT"}),
                 checksum({}) + ended);
        const QByteArray head = curl(way, "/upload", {"--head"});
        QVERIFY2(head.startsWith("HTTP/" + version + " 200"), head.constData());
        QVERIFY2(head.contains("content-length: 64\r\n"), head.constData());
        QCOMPARE(curl(way, "/good", tell + QStringList{"--header", "x-long: " + QString(50000, 'x')}),
                 "good" + ended);
        if (way == "HTTP/2")
            return; // curl then keeps no connection
        // One connection serves them all.
        const QByteArray many =
            curl(way, "/good#[1-50]", {"--write-out", " %{num_connects}\n", "--no-progress-meter"});
        QCOMPARE(many.count("good 0\n"), 49);
        QCOMPARE(many.count("good 1\n"), 1);
    }

    void curlIsRefused()
    {
        const QStringList tell{"--output", "/dev/null", "--write-out", "%{http_code}"};
        const QString url = QString("http://127.0.0.1:%1/good").arg(m_gateway->port);
        QCOMPARE(output("curl", QStringList{"-sS", "--http1.0", url} + tell), QByteArray("426"));
        // Without a certificate there is no connection.
        const QByteArray none = output("curl", {"-sS", "--cacert", m_pki.path("ca.pem"), "--connect-to",
                                                QString("test.com:443:127.0.0.1:%1").arg(m_tlsGateway->port),
                                                "https://test.com/good"});
        QVERIFY2(!none.contains("good") && none.contains("exit code"), none.constData());
    }

    void nghttp_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("plain") << QStringList{};
        QTest::newRow("padding") << QStringList{"--padding=255"};
        QTest::newRow("CONTINUATION") << QStringList{"--continuation"};
        QTest::newRow("small windows") << QStringList{"--window-bits=5", "--connection-window-bits=10"};
        QTest::newRow("small header table") << QStringList{"--header-table-size=0"};
        QTest::newRow("many settings") << QStringList{"--header-table-size=8192", "--header-table-size=0",
                                                      "--encoder-header-table-size=0"};
        QTest::newRow("no priorities") << QStringList{"--no-dep"};
        QTest::newRow("30 at once") << QStringList{"--multiply=30"};
    }
    void nghttp()
    {
        QFETCH(QStringList, arguments);
        const auto ask = [&](const QString &path, const QStringList &more) {
            return output("nghttp",
                          arguments + more +
                              QStringList{QString("http://127.0.0.1:%1%2").arg(m_gateway->port).arg(path)});
        };
        const int times = arguments.value(0) == "--multiply=30" ? 30 : 1;
        QCOMPARE(ask("/good", {}), QByteArray("good").repeated(times));
        const QString file = m_folder.filePath("small");
        {
            QFile small(file);
            QVERIFY(small.open(QIODevice::WriteOnly) && small.write(m_content.left(200000)) == 200000);
        }
        const QByteArray sum = checksum(m_content.left(200000)).repeated(times);
        QCOMPARE(ask("/upload", {"--data=" + file}), sum);
        QCOMPARE(ask("/upload", {"--data=" + file, "--no-content-length"}), sum);
        QCOMPARE(ask("/upload", {"--data=" + file, "--trailer=x-sum: 1"}), sum);
        QCOMPARE(ask("/upload", {"--data=" + file, "--expect-continue"}), sum);
        if (times == 1)
            QVERIFY(ask("/download", {}) == m_content);
    }

    void h2load_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("HTTP/2") << QStringList{"-n5000", "-c20", "-m20"};
        QTest::newRow("HTTP/2, small windows") << QStringList{"-n2000", "-c10", "-m100", "-w4", "-W8"};
        QTest::newRow("HTTP/1.1") << QStringList{"-n5000", "-c20", "--h1"};
    }
    void h2load()
    {
        QFETCH(QStringList, arguments);
        const QByteArray all200 = output(
            "h2load", arguments + QStringList{QString("http://127.0.0.1:%1/good").arg(m_gateway->port)});
        QVERIFY2(all200.contains(", 0 failed, 0 errored, 0 timeout"), all200.constData());
        QVERIFY2(all200.contains(arguments[0].mid(2).toUtf8() + " 2xx, 0 3xx, 0 4xx, 0 5xx"),
                 all200.constData());
    }
};

QTEST_GUILESS_MAIN(TestCommandLineClients)
#include "test_command_line_clients.moc"
