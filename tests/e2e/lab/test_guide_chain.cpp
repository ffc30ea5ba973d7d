// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/lab/kept_lab.h"

#include <QJsonArray>
#include <QRegularExpression>
#include <unistd.h>

using namespace e2e;

namespace {

/// PEM texts of a secret file of a lab (SDS, JSON).
QByteArray pemOf(const sallyport::lab::LabPlan &plan, const std::string &processId, const QString &name,
                 const QString &kind)
{
    QFile file(QString::fromStdString(plan.runFolder + "/sds/" + processId + '/') + name);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(file.readAll());
    const QRegularExpression pem("\"(-----BEGIN " + kind + "-----.*?-----END " + kind + "-----(?:\\\\n)?)\"",
                                 QRegularExpression::DotMatchesEverythingOption);
    return pem.match(text).captured(1).replace("\\n", "\n").toUtf8();
}

QString written(const QString &path, const QByteArray &bytes)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("%s cannot be written", qPrintable(path));
    return path;
}

} // namespace

/// The guide's five stages by the programs that a person has, with the engine that SALLYPORT_ENGINE names,
/// looked at by curl and openssl.
class TestGuideChain : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyCheckOfTheStagePasses_data();
    void everyCheckOfTheStagePasses();
    void aFailedCheckSaysWhatWasSeen();
    void curlThroughTheForwardProxy();
    void opensslAtTheEgressHop();
    void opensslAtThePartnersGateway();
    void sendsInBothForms();
    void whatSendRefuses();
    void addressesAreNamedInTheReadyLine();
    void withoutTheClientsCertificateALabSaysSo();
    void anOrdinaryUserRunsItToo();
    void aSecondLabBesideTheFirst();
    void badUsageIsToldApart();
};

void TestGuideChain::initTestCase()
{
    if (!hasEngine())
        QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
}

void TestGuideChain::everyCheckOfTheStagePasses_data()
{
    QTest::addColumn<int>("stage");
    for (int stage = 1; stage <= 5; ++stage)
        QTest::addRow("stage %d", stage) << stage;
}

void TestGuideChain::everyCheckOfTheStagePasses()
{
    QFETCH(int, stage);
    const GuideProject project(stage);
    const Ran ran = ctl({"lab", project.folder(), "--verify", "--format", "json"});
    const QJsonArray rows = ran.json()["rows"].toArray();
    for (const QJsonValue &row : rows)
        QVERIFY2(row["passed"].toBool(), QJsonDocument(row.toObject()).toJson().constData());
    QVERIFY2(ran.exitCode == 0, ran.err.constData());
    QCOMPARE(ran.json()["failed"].toInt(-1), 0);
    QCOMPARE(ran.json()["passed"].toInt(), rows.size());
    QVERIFY(rows.size() >= 15);
    if (qEnvironmentVariable("SALLYPORT_ENGINE") != "envoy")
        return;
    // Both engines show the same, word for word.
    const Ran ours = ctl({"lab", project.folder(), "--verify", "--format", "json", "--engine", "embedded"});
    QCOMPARE(ours.exitCode, 0);
    QCOMPARE(ours.json()["rows"].toArray(), rows);
}

void TestGuideChain::aFailedCheckSaysWhatWasSeen()
{
    const GuideProject project(2);
    written(project.folder() + "/.sallyport/expectations.yaml",
            "checks:\n- name: wishful\n  via: sleep\n  request: GET http://other.com/\n"
            "  expect:\n    status: 200\n");
    const Ran ran = ctl({"lab", project.folder(), "--verify", "--format", "json"});
    QCOMPARE(ran.exitCode, 1);
    const QJsonObject row = ran.json()["rows"][0].toObject();
    QCOMPARE(row["check"].toString(), QString("wishful"));
    QCOMPARE(row["expected"].toString(), QString("200"));
    QCOMPARE(row["seen"].toString(), QString("502"));
    QCOMPARE(row["passed"].toBool(true), false);
    QVERIFY(ctl({"lab", project.folder(), "--verify"}).out.contains("FAIL  wishful"));
}

void TestGuideChain::curlThroughTheForwardProxy()
{
    const GuideProject project(4);
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const QString proxy = QString::fromStdString(lab.instance("sleep").forward.toString());
    const auto curl = [&](const QStringList &arguments) {
        return run("curl", QStringList{"-sS", "-x", proxy, "-w", "\n%{http_code}"} + arguments);
    };
    QVERIFY(curl({"http://test.com/status/200"}).out.endsWith("\n200"));
    const Ran denied = curl({"http://test.com/status/418"});
    QCOMPARE(denied.out, QByteArray("RBAC: access denied\n403"));
    QVERIFY(curl({"http://other.com/"}).out.endsWith("\n502"));
    // Through a tunnel, and a body.
    const QByteArray body(100'000, 'b');
    const Ran posted = curl({"--proxytunnel", "--data-binary", "@" + written(project.place() + "/body", body),
                             "http://test.com/post"});
    QVERIFY(posted.out.endsWith("\n200"));
    QVERIFY(posted.out.contains(body));
    // The name is looked up as the workload's own resolver would.
    const Ran unknown = curl({"http://no.such.name/"});
    QVERIFY(unknown.out.contains("`no.such.name` does not resolve in primary:default/sleep"));
    QVERIFY(unknown.out.endsWith("\n502"));
}

void TestGuideChain::opensslAtTheEgressHop()
{
    const GuideProject project(4);
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const sallyport::lab::Process &egress = lab.gateway("istio-egressgateway");
    const QString at = QString::fromStdString(egress.listen.front().at.toString());
    const QString sni = "outbound_.80_._.istio-egressgateway.istio-system.svc.cluster.local";
    const QString ca = written(project.place() + "/root.pem",
                               pemOf(lab.plan(), lab.gateway("sleep").id, "ROOTCA.json", "CERTIFICATE"));
    const QStringList connect{"s_client", "-connect", at,      "-servername", sni,
                              "-CAfile",  ca,         "-alpn", "http/1.1"};
    const QByteArray request = "GET /status/200 HTTP/1.1\r\nHost: test.com\r\nConnection: close\r\n\r\n";
    // Without a certificate of the mesh the gateway lets nobody in.
    const Ran stranger = run("openssl", connect + QStringList{"-ign_eof"}, request);
    QVERIFY2(stranger.err.contains("certificate required") || stranger.err.contains("handshake failure"),
             stranger.err.constData());
    QVERIFY(!stranger.out.contains("HTTP/1.1"));
    // With the client's it shows its own identity and serves.
    const std::string client = lab.gateway("sleep").id;
    const QString chain =
        written(project.place() + "/sleep.pem", pemOf(lab.plan(), client, "default.json", "CERTIFICATE"));
    const QString key =
        written(project.place() + "/sleep.key", pemOf(lab.plan(), client, "default.json", "PRIVATE KEY"));
    const Ran member =
        run("openssl", connect + QStringList{"-cert", chain, "-key", key, "-ign_eof", "-verify_return_error"},
            request);
    QVERIFY2(member.out.contains("HTTP/1.1 200"), (member.out + member.err).constData());
    QVERIFY(member.out.contains("Verify return code: 0 (ok)"));
    QVERIFY(member.out.contains("TLSv1.3"));
    const QByteArray shown = member.out.mid(member.out.indexOf("-----BEGIN CERTIFICATE-----"));
    const Ran text = run("openssl", {"x509", "-noout", "-ext", "subjectAltName"}, shown);
    QVERIFY2(text.out.contains("URI:spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway"),
             text.out.constData());
}

void TestGuideChain::opensslAtThePartnersGateway()
{
    const GuideProject project(4);
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const sallyport::lab::Process &ingress = lab.gateway("istio-ingressgateway");
    const auto tls = std::find_if(ingress.listen.begin(), ingress.listen.end(), [](const auto &listen) {
        return QString::fromStdString(listen.name).endsWith(":443");
    });
    QVERIFY(tls != ingress.listen.end());
    const std::string egress = lab.gateway("istio-egressgateway").id;
    const QString chain = written(project.place() + "/client.pem",
                                  pemOf(lab.plan(), egress, "kubernetes_test.client.json", "CERTIFICATE"));
    QByteArray keyText = pemOf(lab.plan(), egress, "kubernetes_test.client.json", "PRIVATE KEY");
    if (keyText.isEmpty())
        keyText = pemOf(lab.plan(), egress, "kubernetes_test.client.json", "RSA PRIVATE KEY");
    const QString key = written(project.place() + "/client.key", keyText);
    const QString ca =
        written(project.place() + "/ca.pem",
                pemOf(lab.plan(), egress, "kubernetes_test.client-cacert.json", "CERTIFICATE"));
    const QStringList connect{"s_client",
                              "-connect",
                              QString::fromStdString(tls->at.toString()),
                              "-servername",
                              "test.com",
                              "-CAfile",
                              ca,
                              "-ign_eof",
                              "-verify_return_error"};
    const auto get = [&](const QStringList &more, const char *path) {
        return run("openssl", connect + more,
                   QByteArray("GET ") + path + " HTTP/1.1\r\nHost: test.com\r\nConnection: close\r\n\r\n");
    };
    const QStringList own{"-cert", chain, "-key", key};
    const Ran passes = get(own, "/headers");
    QVERIFY2(passes.out.contains("HTTP/1.1 200"), (passes.out + passes.err).constData());
    QVERIFY(passes.out.contains("URI=spiffe://test.client"));
    QVERIFY(get(own, "/status/418").out.contains("RBAC: access denied"));
    QVERIFY(!get({}, "/headers").out.contains("HTTP/1.1"));
}

void TestGuideChain::sendsInBothForms()
{
    const GuideProject project(4);
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const Ran sent =
        lab.send({"--via", "sleep", "-H", "X-One: 1", "--data", "a=b", "POST http://test.com/post"});
    QCOMPARE(sent.exitCode, 0);
    QCOMPARE(sent.out.count('\n'), 1);
    const QJsonObject answer = sent.json()["answer"].toObject();
    QCOMPARE(answer["status"].toInt(), 200);
    QVERIFY(!answer.contains("error"));
    const QJsonObject echoed = QJsonDocument::fromJson(answer["body"].toString().toUtf8()).object();
    QCOMPARE(echoed["form"].toObject(), (QJsonObject{{"a", "b"}}));
    QCOMPARE(echoed["headers"]["X-One"].toString(), QString("1"));
    QCOMPARE(answer["headers"][0].toArray().size(), 2);
    QStringList proxies;
    for (const QJsonValue &hop : sent.json()["hops"].toArray())
        proxies.append(hop["proxy"].toString());
    QCOMPARE(proxies,
             (QStringList{"primary:default/sleep", "primary:istio-system/istio-egressgateway",
                          "external:istio-system/istio-ingressgateway", "external:default/httpbin"}));
    const QJsonObject egress = sent.json()["hops"][1].toObject();
    QCOMPARE(egress["upstream_host"].toString(), QString("external:istio-system/istio-ingressgateway:443"));
    QCOMPARE(egress["upstream_cluster"].toString(), QString("outbound|443||test.com"));
    const Ran text = ctl({"send", project.folder(), "--via", "sleep", "GET http://test.com/status/418"});
    QCOMPARE(text.exitCode, 0);
    QVERIFY(text.out.startsWith("HTTP 403\n"));
    QVERIFY(text.out.contains("RBAC: access denied"));
    QVERIFY(text.out.contains("primary:istio-system/istio-egressgateway: 403"));
}

void TestGuideChain::whatSendRefuses()
{
    const GuideProject project(4);
    const QStringList send{"send", project.folder(), "--via"};
    const QString request = "GET http://test.com/";
    const Ran stopped = ctl(send + QStringList{"sleep", request});
    QCOMPARE(stopped.exitCode, 2);
    QVERIFY(stopped.err.contains("no lab of this project is running"));
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const Ran nobody = ctl(send + QStringList{"nobody", request});
    QCOMPARE(nobody.exitCode, 2);
    QVERIFY2(nobody.err.contains("there is no workload `nobody`") &&
                 nobody.err.contains("primary:default/sleep"),
             nobody.err.constData());
    const Ran nowhere = ctl(send + QStringList{"sleep", "GET http://no.such.name/"});
    QCOMPARE(nowhere.exitCode, 1);
    QVERIFY(nowhere.err.contains("no.such.name"));
    QCOMPARE(ctl(send + QStringList{"sleep", "GET ftp://test.com/"}).exitCode, 2);
    QCOMPARE(ctl(send + QStringList{"sleep"}).exitCode, 2);
}

void TestGuideChain::addressesAreNamedInTheReadyLine()
{
    const GuideProject project(4);
    KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const QJsonObject addresses = lab.ready()["addresses"].toObject();
    QStringList names;
    for (auto it = addresses.begin(); it != addresses.end(); ++it) {
        QVERIFY2(QRegularExpression("^127\\.\\d+\\.\\d+\\.\\d+:\\d+$").match(it.key()).hasMatch(),
                 qPrintable(it.key()));
        names.append(it.value().toString());
    }
    for (const char *name : {"external:istio-system/istio-ingressgateway:443", "primary:default/sleep:15001",
                             "primary:istio-system/istio-egressgateway:80", "external:default/httpbin:80"})
        QVERIFY2(names.contains(name), name);
    QCOMPARE(lab.end(), 0);
    QCOMPARE(lab.errors(), QByteArray());
}

void TestGuideChain::withoutTheClientsCertificateALabSaysSo()
{
    const GuideProject project(4, {"--no-client-certificate"});
    const KeptLab lab(project.folder());
    QVERIFY(lab.isReady());
    const QString notes = QJsonDocument(lab.ready()["notes"].toArray()).toJson();
    QVERIFY2(notes.contains("test.client"), qPrintable(notes));
    QCOMPARE(lab.send({"--via", "sleep", "GET http://test.com/status/200"})
                 .json()["answer"]
                 .toObject()["status"]
                 .toInt(),
             503);
}

void TestGuideChain::anOrdinaryUserRunsItToo()
{
    if (::geteuid() != 0)
        QSKIP("every test of this run is an ordinary user's");
    // A user who may not bind port 80, with a home of his own.
    const GuideProject project(4);
    const QString home = project.place();
    constexpr const char *nobody = "65534";
    run("chown", {"-R", nobody, home});
    const QString programs = home + "/bin";
    QVERIFY(QDir().mkpath(programs));
    for (const QString &name :
         QDir(SALLYPORT_BIN_DIR).entryList({"sallyport-*", "sallyportctl"}, QDir::Files))
        QVERIFY(QFile::copy(QString(SALLYPORT_BIN_DIR "/") + name, programs + '/' + name));
    const QStringList as{"--reuid", nobody, "--regid", nobody, "--clear-groups", programs + "/sallyportctl"};
    const Ran ran = run("setpriv", as + QStringList{"lab", project.folder(), "--verify", "--format", "json"});
    if (qEnvironmentVariable("SALLYPORT_ENGINE") == "envoy" && ran.err.contains("cannot be started"))
        QSKIP("this Envoy is installed where an ordinary user cannot run it");
    QVERIFY2(ran.exitCode == 0, (ran.out + ran.err).constData());
    QCOMPARE(ran.json()["failed"].toInt(-1), 0);
    QProcess kept;
    kept.start("setpriv", as + QStringList{"lab", project.folder(), "--keep", "--format", "json"});
    QVERIFY(kept.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(kept.canReadLine(), patience);
    const QJsonObject ready = QJsonDocument::fromJson(kept.readLine()).object();
    kept.terminate();
    QVERIFY(kept.waitForFinished(patience));
    // What had to be moved is said, and the names keep the mesh's ports.
    QFile start("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    QVERIFY(start.open(QIODevice::ReadOnly));
    const bool moved = start.readAll().trimmed().toInt() > 80;
    QCOMPARE(ready["notes"][0].toString().contains("ports below 1024 cannot be bound"), moved);
    const QJsonObject addresses = ready["addresses"].toObject();
    const auto ingress = std::find_if(addresses.begin(), addresses.end(), [](const QJsonValue &name) {
        return name.toString() == "external:istio-system/istio-ingressgateway:443";
    });
    QVERIFY(ingress != addresses.end());
    QCOMPARE(ingress.key().section(':', 1), QString(moved ? "20443" : "443"));
}

void TestGuideChain::aSecondLabBesideTheFirst()
{
    const GuideProject first(4);
    const KeptLab one(first.folder());
    QVERIFY(one.isReady());
    // The same project again is refused, another runs.
    const Ran again = ctl({"lab", first.folder()});
    QCOMPARE(again.exitCode, 1);
    QVERIFY(again.err.contains("a lab of this project runs already"));
    const GuideProject second(1);
    qputenv("XDG_RUNTIME_DIR", first.place().toUtf8());
    const KeptLab two(second.folder());
    QVERIFY(two.isReady());
    const QStringList request{"--via", "sleep", "GET http://test.com/status/418"};
    QCOMPARE(one.send(request).json()["answer"].toObject()["status"].toInt(), 403);
    QCOMPARE(two.send(request).json()["answer"].toObject()["status"].toInt(), 418);
    for (const auto &[address, name] : one.plan().addresses)
        QVERIFY(two.plan().addresses.count(address) == 0);
}

void TestGuideChain::badUsageIsToldApart()
{
    const GuideProject project(1);
    QCOMPARE(ctl({"lab"}).exitCode, 2);
    QCOMPARE(ctl({"lab", "/no/such/folder"}).exitCode, 2);
    const Ran engine = ctl({"lab", project.folder(), "--engine", "diesel"});
    QCOMPARE(engine.exitCode, 2);
    QVERIFY(engine.err.contains("there is no engine `diesel`"));
    QVERIFY(QFile::remove(project.folder() + "/.sallyport/expectations.yaml"));
    QCOMPARE(ctl({"lab", project.folder(), "--verify"}).exitCode, 2);
}

QTEST_GUILESS_MAIN(TestGuideChain)
#include "test_guide_chain.moc"
