// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/session/lab_session.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::session;

namespace {

application::Request get(const char *url)
{
    return application::parseRequest(std::string("GET ") + url).value();
}

constexpr int patience = 30'000;

} // namespace

/// The guide's chain at stage 4 through a LabSession, with the engine that ENGINE names.
class TestLabSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void requestsPassAndAreLogged();
    void aChangeIsTakenOverHot();
    void aBrokenChangeLeavesTheLabAsItIs();
    void theProjectsChecksPass();
    void aKilledGatewayStaysDownUntilItIsStarted();
    void withoutALabNothingIsSent();

private:
    void start();
    SentRequest send(const char *url);

    std::unique_ptr<QTemporaryDir> m_place;
    QString m_folder;
    std::unique_ptr<ProjectSession> m_project;
    std::unique_ptr<LabSession> m_lab;
};

void TestLabSession::initTestCase()
{
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
    m_folder = m_place->filePath("project");
    QVERIFY(lab::createFromTemplate(m_folder.toStdString(), 4, true));
    if (qEnvironmentVariable("ENGINE") == "envoy" && !LabSession::envoyIsAvailable())
        QSKIP("there is no Envoy here");
}

void TestLabSession::init()
{
    control::Programs programs;
    programs.engine =
        qEnvironmentVariable("ENGINE") == "envoy" ? control::Engine::Envoy : control::Engine::Embedded;
    programs.gateway = SALLYPORT_BIN_DIR "/sallyport-gateway";
    programs.httpbin = SALLYPORT_BIN_DIR "/sallyport-httpbin";
    m_project = std::make_unique<ProjectSession>();
    m_lab = std::make_unique<LabSession>(*m_project, programs);
    QSignalSpy opened(m_project.get(), &ProjectSession::opened);
    m_project->open(m_folder);
    QVERIFY(opened.wait());
}

void TestLabSession::cleanup()
{
    m_lab.reset();
    m_project.reset();
}

void TestLabSession::start()
{
    m_lab->start();
    QTRY_VERIFY2_WITH_TIMEOUT(m_lab->state() != LabState::Starting, qPrintable(m_lab->failure()), patience);
    QVERIFY2(m_lab->state() == LabState::Running, qPrintable(m_lab->failure()));
}

SentRequest TestLabSession::send(const char *url)
{
    std::optional<SentRequest> sent;
    m_lab->send("primary:default/sleep", get(url), [&](const SentRequest &result) { sent = result; });
    [&] { QTRY_VERIFY_WITH_TIMEOUT(sent, patience); }();
    return sent.value_or(SentRequest());
}

void TestLabSession::requestsPassAndAreLogged()
{
    start();
    QSignalSpy log(m_lab.get(), &LabSession::logEntries);
    QSignalSpy stats(m_lab.get(), &LabSession::statsChanged);
    const SentRequest passed = send("http://test.com/status/200");
    QVERIFY2(passed.error.isEmpty(), qPrintable(passed.error));
    QCOMPARE(passed.answer.status, 200);
    QVERIFY(passed.tookUs > 0);
    const SentRequest denied = send("http://test.com/status/418");
    QCOMPARE(denied.answer.status, 403);
    QCOMPARE(denied.answer.body, "RBAC: access denied");
    QStringList proxies;
    QTRY_VERIFY_WITH_TIMEOUT(
        [&] {
            proxies.clear();
            for (const QList<QVariant> &batch : log) {
                for (const control::LogEntry &entry : batch.front().value<QList<control::LogEntry>>())
                    proxies.append(entry.proxy);
            }
            return proxies.count("primary:default/sleep") == 2 &&
                   proxies.count("primary:istio-system/istio-egressgateway") == 2 &&
                   proxies.count("external:default/httpbin") == 1;
        }(),
        patience);
    QTRY_VERIFY_WITH_TIMEOUT(!stats.isEmpty(), patience);
    QCOMPARE(m_lab->nodes().size(), 6);
    const QList<NodeCertificate> certificates = m_lab->certificates();
    const auto own =
        std::find_if(certificates.begin(), certificates.end(), [](const NodeCertificate &certificate) {
            return certificate.identity == "spiffe://cluster.local/ns/default/sa/sleep";
        });
    QVERIFY(own != certificates.end());
    const qint64 hours = QDateTime::currentDateTimeUtc().secsTo(own->notAfter) / 3600;
    QVERIFY(hours >= 22 && hours <= 24);
    m_lab->stop();
    QTRY_COMPARE_WITH_TIMEOUT(m_lab->state(), LabState::Stopped, patience);
    QVERIFY(m_lab->nodes().isEmpty());
    QVERIFY(!m_lab->plan());
}

void TestLabSession::aChangeIsTakenOverHot()
{
    start();
    QCOMPARE(send("http://other.com/").answer.status, 502);
    QSignalSpy applied(m_lab.get(), &LabSession::applied);
    const std::string path = "primary/01-mesh.yaml";
    const std::string before = m_project->text(path).value();
    const std::string after =
        QByteArray::fromStdString(before).replace("REGISTRY_ONLY", "ALLOW_ANY").toStdString();
    QVERIFY(before != after);
    QVERIFY(m_project->apply("Allow any", model::FileChanges{{path, before, after}}));
    QTRY_VERIFY_WITH_TIMEOUT(!applied.isEmpty(), patience);
    QVERIFY2(applied.front().front().toStringList().isEmpty(),
             qPrintable(applied.front().front().toStringList().join('\n')));
    QTRY_COMPARE_WITH_TIMEOUT(send("http://other.com/").answer.status, 200, patience);
    m_project->undoStack().undo();
    QTRY_COMPARE_WITH_TIMEOUT(send("http://other.com/").answer.status, 502, patience);
}

void TestLabSession::aBrokenChangeLeavesTheLabAsItIs()
{
    start();
    QSignalSpy applied(m_lab.get(), &LabSession::applied);
    const std::string path = "primary/12-virtual-service.yaml";
    const std::string before = m_project->text(path).value();
    QVERIFY(m_project->apply("Break", model::FileChanges{{path, before, "spec: [\n" + before}}));
    QTRY_VERIFY_WITH_TIMEOUT(!applied.isEmpty(), patience);
    const QStringList problems = applied.front().front().toStringList();
    QVERIFY(!problems.isEmpty());
    QVERIFY2(problems.front().startsWith("primary/12-virtual-service.yaml:"), qPrintable(problems.front()));
    QCOMPARE(send("http://test.com/status/200").answer.status, 200);
    m_project->undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(applied.back().front().toStringList().isEmpty(), patience);
}

void TestLabSession::theProjectsChecksPass()
{
    start();
    QSignalSpy judged(m_lab.get(), &LabSession::checkJudged);
    QSignalSpy verified(m_lab.get(), &LabSession::verified);
    m_lab->verify();
    QVERIFY(m_lab->isVerifying());
    QTRY_COMPARE_WITH_TIMEOUT(verified.size(), 1, 2 * patience);
    QVERIFY2(verified.front().at(1).toString().isEmpty(), qPrintable(verified.front().at(1).toString()));
    const auto rows = verified.front().front().value<std::vector<lab::Row>>();
    QVERIFY2(rows.size() >= 10, QByteArray::number(int(rows.size())).constData());
    bool bytesLookedAt = false;
    for (const lab::Row &row : rows) {
        QVERIFY2(row.passed, (row.check + ": " + row.what + " " + row.where + ": expected " + row.expected +
                              ", seen " + row.seen)
                                 .c_str());
        bytesLookedAt = bytesLookedAt || row.what.find("bytes") != std::string::npos;
    }
    QVERIFY(bytesLookedAt);
    QVERIFY(judged.size() > 1);
    // The lab goes on without the taps.
    QTRY_VERIFY_WITH_TIMEOUT(m_lab->plan()->taps.empty(), patience);
    QTRY_COMPARE_WITH_TIMEOUT(send("http://test.com/status/200").answer.status, 200, patience);
}

void TestLabSession::aKilledGatewayStaysDownUntilItIsStarted()
{
    start();
    const auto stateOf = [this](const QString &proxy) {
        for (const control::NodeStatus &node : m_lab->nodes()) {
            if (node.proxy == proxy && !node.process.endsWith(".app"))
                return node;
        }
        return control::NodeStatus();
    };
    const QString egress = "primary:istio-system/istio-egressgateway";
    m_lab->killNode(stateOf(egress).process);
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(egress).state, control::NodeState::Exited, patience);
    QVERIFY(!stateOf(egress).reason.isEmpty());
    const SentRequest refused = send("http://test.com/status/200");
    QCOMPARE(refused.answer.status, 503);
    QCOMPARE(m_lab->state(), LabState::Running);
    m_lab->startNode(stateOf(egress).process);
    QTRY_COMPARE_WITH_TIMEOUT(stateOf(egress).state, control::NodeState::Ready, patience);
    QTRY_COMPARE_WITH_TIMEOUT(send("http://test.com/status/200").answer.status, 200, patience);
}

void TestLabSession::withoutALabNothingIsSent()
{
    const SentRequest sent = send("http://test.com/");
    QVERIFY(sent.error.contains("does not run"));
    QSignalSpy verified(m_lab.get(), &LabSession::verified);
    m_lab->verify();
    QCOMPARE(verified.size(), 1);
    QVERIFY(!verified.front().at(1).toString().isEmpty());
}

QTEST_GUILESS_MAIN(TestLabSession)
#include "test_lab_session.moc"
