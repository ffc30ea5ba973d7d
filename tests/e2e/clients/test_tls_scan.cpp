// SPDX-License-Identifier: GPL-3.0-or-later
// testssl.sh looks for weak protocols, weak ciphers, renegotiation and every attack it knows, and has nothing
// to report.
#include "tests/e2e/clients/script_of_peers.h"
#include "tests/e2e/hardness/odd_upstream.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace bootstrap_text;

class TestTlsScan : public QObject
{
    Q_OBJECT

    TestPki m_pki;

private Q_SLOTS:
    void initTestCase()
    {
        SALLYPORT_NEEDS_ENGINE();
        // Whether the scanner's own OpenSSL has the GOST engine is no finding about a gateway.
        qputenv("NO_ENGINE", "true");
    }

    void findsNothing_data()
    {
        QTest::addColumn<bool>("mutual");
        QTest::newRow("simple TLS") << false;
        QTest::newRow("mutual TLS") << true;
    }
    void findsNothing()
    {
        QFETCH(bool, mutual);
        OddUpstream upstream;
        AttackedGateway gateway([&](quint16 port) {
            const QString plain =
                chain(httpManager(), serverTls(m_pki.path("server.pem"), m_pki.path("server.key")));
            return bootstrap(listener("main", port, mutual ? mutualTlsChain(m_pki, httpManager()) : plain),
                             cluster("up", {upstream.port()}));
        });
        QTemporaryDir folder;
        const QString report = folder.filePath("report.json");
        ChildProgram scan({"testssl", "--quiet", "--color=0", "--warnings=off", "--nodns=none", "--protocols",
                           "--standard", "--vulnerable", "--jsonfile=" + report,
                           QString("https://127.0.0.1:%1/good").arg(gateway.port)},
                          folder.path());
        scan.finish(300000);
        QFile file(report);
        QVERIFY2(file.open(QIODevice::ReadOnly), scan.out.constData());
        const QJsonArray findings = QJsonDocument::fromJson(file.readAll()).array();
        QByteArrayList bad;
        QMap<QString, QString> found;
        for (const QJsonValue &value : findings) {
            const QJsonObject finding = value.toObject();
            const QString severity = finding["severity"].toString();
            found.insert(finding["id"].toString(), finding["finding"].toString());
            // A stranger without a certificate never comes as far as a second handshake.
            if (mutual &&
                finding["finding"].toString().startsWith("client x509-based authentication prevents"))
                continue;
            if (severity != "OK" && severity != "INFO" && severity != "DEBUG")
                bad.append(QJsonDocument(finding).toJson(QJsonDocument::Compact));
        }
        QVERIFY2(bad.isEmpty(), bad.join('\n').constData());
        // It did look.
        QCOMPARE(found["TLS1"], QString("not offered"));
        QCOMPARE(found["TLS1_2"], QString("offered"));
        QVERIFY(found["TLS1_3"].startsWith("offered"));
        for (const char *id :
             {"SSLv3", "TLS1_1", "cipherlist_NULL", "cipherlist_aNULL", "cipherlist_EXPORT", "cipherlist_LOW",
              "secure_renego", "secure_client_renego", "heartbleed", "CCS", "ticketbleed", "ROBOT",
              "CRIME_TLS", "SWEET32", "LOGJAM", "LUCKY13", "RC4", "scanTime"})
            QVERIFY2(found.contains(id), id);
        // A stranger gets no answer by HTTP, so nothing can be said about its compression; whether the
        // scanner writes that down depends on whether TLS 1.3's late refusal reaches it before it hangs up.
        if (!mutual) {
            QCOMPARE(found["service"], QString("HTTP"));
            QVERIFY(found.contains("BREACH"));
        }
    }
};

QTEST_GUILESS_MAIN(TestTlsScan)
#include "test_tls_scan.moc"
