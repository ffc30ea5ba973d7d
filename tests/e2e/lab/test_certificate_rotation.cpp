// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/application/client.h"
#include "tests/e2e/lab/kept_lab.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

using namespace e2e;
using namespace sallyport;

/// Workload certificates are short-lived: `lab --keep` renews them under load, and nobody notices.
class TestCertificateRotation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void noRequestIsDropped();
};

void TestCertificateRotation::initTestCase()
{
    if (!hasEngine())
        QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
}

void TestCertificateRotation::noRequestIsDropped()
{
    const GuideProject project(4);
    // Each request takes a connection of its own between the external gateway and httpbin's sidecar, so that
    // each shakes hands with the certificates of that moment.
    QFile rule(project.folder() + "/external/90-rule.yaml");
    QVERIFY(rule.open(QIODevice::WriteOnly));
    rule.write("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: httpbin\n"
               "  namespace: default\nspec:\n  host: httpbin\n  trafficPolicy:\n    connectionPool:\n"
               "      http:\n        maxRequestsPerConnection: 1\n    tls:\n      mode: ISTIO_MUTUAL\n");
    rule.close();
    KeptLab lab(project.folder(), {"--certificate-validity", "12"});
    QVERIFY(lab.isReady());

    const lab::NetworkView network(lab.plan());
    const auto request = application::parseRequest("GET http://test.com/headers");
    QVERIFY(request);
    std::atomic<bool> enough{false};
    std::atomic<int> answered{0};
    std::mutex mutex;
    QStringList failures;
    std::set<QString> clients; // certificates that the external gateway showed to httpbin's sidecar
    const auto work = [&] {
        static const QRegularExpression hash("By=[^;]*;Hash=([0-9a-f]{64})");
        while (!enough) {
            const auto answer = application::send(network, lab.instance("sleep"), *request);
            const std::scoped_lock lock(mutex);
            if (!answer || answer->status != 200) {
                failures.append(answer ? QString("%1 %2 %3")
                                             .arg(answer->status)
                                             .arg(QString::fromStdString(answer->error),
                                                  QString::fromStdString(answer->body).left(200))
                                       : QString::fromStdString(answer.error().toString()));
                continue;
            }
            ++answered;
            const QJsonObject body =
                QJsonDocument::fromJson(QByteArray::fromStdString(answer->body)).object();
            const QString forwarded = body["headers"]["X-Forwarded-Client-Cert"].toString();
            clients.insert(hash.match(forwarded).captured(1));
        }
    };
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i)
        workers.emplace_back(work);
    // The certificate that the egress gateway shows changes too.
    std::set<QByteArray> servers;
    const QString at =
        QString::fromStdString(lab.gateway("istio-egressgateway").listen.front().at.toString());
    const QDeadlineTimer deadline(patience);
    const auto seen = [&] {
        const std::scoped_lock lock(mutex);
        return clients.size() >= 3 && servers.size() >= 3;
    };
    while (!seen() && !deadline.hasExpired()) {
        const Ran shown =
            run("openssl", {"s_client", "-connect", at, "-servername",
                            "outbound_.80_._.istio-egressgateway.istio-system.svc.cluster.local"});
        const Ran serial = run("openssl", {"x509", "-noout", "-serial"}, shown.out);
        if (serial.exitCode == 0)
            servers.insert(serial.out);
        QTest::qWait(500);
    }
    enough = true;
    for (std::thread &worker : workers)
        worker.join();
    QVERIFY2(failures.isEmpty(), qPrintable(failures.join('\n').left(4000)));
    QVERIFY(clients.count(QString()) == 0);
    QVERIFY2(clients.size() >= 3, "the client's certificate does not change");
    QVERIFY2(servers.size() >= 3, "the server's certificate does not change");
    qInfo("%d requests under %zu client and %zu server certificates", answered.load(), clients.size(),
          servers.size());
    QCOMPARE(lab.end(), 0);
    QCOMPARE(lab.errors(), QByteArray());
}

QTEST_GUILESS_MAIN(TestCertificateRotation)
#include "test_certificate_rotation.moc"
