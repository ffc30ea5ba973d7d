// SPDX-License-Identifier: GPL-3.0-or-later
// h2spec's whole suite, the strict cases too, over plaintext and over TLS.
#include "tests/e2e/clients/script_of_peers.h"
#include "tests/e2e/hardness/odd_upstream.h"

using namespace bootstrap_text;

class TestH2spec : public QObject
{
    Q_OBJECT

    TestPki m_pki;
    QString m_program = qEnvironmentVariable("SALLYPORT_H2SPEC");

private Q_SLOTS:
    void initTestCase()
    {
        if (m_program.isEmpty())
            QSKIP("there is no h2spec here: name it with SALLYPORT_H2SPEC");
    }

    void passes_data()
    {
        QTest::addColumn<bool>("tls");
        QTest::newRow("plaintext") << false;
        QTest::newRow("TLS") << true;
    }
    void passes()
    {
        QFETCH(bool, tls);
        OddUpstream upstream;
        // Where HTTP/1 may come too, what is no preface is a request of that.
        const QString manager = httpManager(R"("codec_type": "HTTP2", "delayed_close_timeout": "0.05s")");
        AttackedGateway gateway([&](quint16 port) {
            const QString alpn =
                serverTls(m_pki.path("server.pem"), m_pki.path("server.key"))
                    .replace("\"tls_certificates\"", R"("alpn_protocols": ["h2"], "tls_certificates")");
            return bootstrap(listener("main", port, chain(manager, tls ? alpn : QString())),
                             cluster("up", {upstream.port()}));
        });
        QStringList command{m_program,  "-h",        "127.0.0.1", "-p", QString::number(gateway.port),
                            "--strict", "--timeout", "5"};
        if (tls)
            command << "--tls"
                    << "--insecure";
        ChildProgram h2spec(command);
        const int code = h2spec.finish(300000);
        const QByteArray told = h2spec.out.right(4000);
        QVERIFY2(code == 0, told.constData());
        QVERIFY2(told.contains(" passed, 0 skipped, 0 failed") && !told.contains(" 0 passed"),
                 told.constData());
        QVERIFY(gateway.terminates());
    }
};

QTEST_GUILESS_MAIN(TestH2spec)
#include "test_h2spec.moc"
