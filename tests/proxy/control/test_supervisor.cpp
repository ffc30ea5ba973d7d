// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/control/running_lab.h"

#include <QProcess>
#include <csignal>

using namespace sallyport;
using namespace sallyport::control;

namespace {

constexpr const char *sleepId = "primary.default.sleep";
constexpr const char *egressId = "primary.istio-system.istio-egressgateway";
constexpr const char *ingressId = "external.istio-system.istio-ingressgateway";
constexpr const char *httpbinId = "external.default.httpbin.app";
constexpr const char *ok = "GET http://test.com/status/200";

bool isAlive(qint64 pid)
{
    return ::kill(static_cast<pid_t>(pid), 0) == 0;
}

constexpr const char *denyEverythingAtTheEgress = R"(
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata:
  name: nothing
  namespace: istio-system
spec:
  selector:
    matchLabels:
      istio: egressgateway
  action: DENY
  rules:
  - {}
)";

constexpr const char *secondClient = R"(
apiVersion: v1
kind: ServiceAccount
metadata:
  name: another
  namespace: default
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: another
  namespace: default
spec:
  replicas: 1
  selector:
    matchLabels:
      app: another
  template:
    metadata:
      labels:
        app: another
    spec:
      serviceAccountName: another
      containers:
      - name: another
        image: curlimages/curl
)";

} // namespace

/// Labs of real processes, with the engine that SALLYPORT_ENGINE names.
class TestSupervisor : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void everyProcessBecomesReadyAndEnds();
    void requestsAreLoggedAndCounted();
    void aKilledProcessStaysDownAndTheOthersServe();
    void aStoppedProcessStartsAgain();
    void aChangedPolicyIsTakenOver();
    void workloadsComeAndGo();
    void anUnchangedPlanChangesNothing();
    void aBrokenBootstrapLeavesTheOthersAlone();
    void aFailedProcessIsStartedAgainByAnotherPlan();
    void aMissingProgramIsNamed();
    void aPortThatIsTakenIsNamed();
    void aSecondSupervisorOfTheProjectIsRefused();
    void labsRunSideBySide();
    void nothingOutlivesAKilledSupervisor();

private:
    static bool isEnvoy() { return testedPrograms().engine == Engine::Envoy; }
};

void TestSupervisor::initTestCase()
{
    if (isEnvoy() && testedPrograms().gateway.isEmpty())
        QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
}

void TestSupervisor::everyProcessBecomesReadyAndEnds()
{
    RunningLab lab(4);
    QSignalSpy states(&lab.supervisor(), &Supervisor::nodeStateChanged);
    QSignalSpy ready(&lab.supervisor(), &Supervisor::ready);
    QVERIFY(lab.start());
    QCOMPARE(ready.size(), 1);
    QVERIFY(lab.supervisor().wasReady());
    QList<qint64> pids;
    const QList<NodeStatus> statuses = lab.supervisor().statuses();
    QCOMPARE(statuses.size(), static_cast<qsizetype>(lab.current().processes.size()));
    for (const NodeStatus &status : statuses) {
        QCOMPARE(status.state, NodeState::Ready);
        QVERIFY(isAlive(status.pid));
        pids.append(status.pid);
    }
    for (const lab::Process &process : lab.current().processes) {
        QList<NodeState> seen;
        for (const QList<QVariant> &change : states) {
            const auto status = change[0].value<NodeStatus>();
            if (status.process.toStdString() == process.id)
                seen.append(status.state);
        }
        QCOMPARE(seen, (QList<NodeState>{NodeState::Starting, NodeState::Ready}));
    }
    const QString folder = QString::fromStdString(lab.current().runFolder);
    QCOMPARE(QFileInfo(folder).permissions() & (QFile::ReadGroup | QFile::ReadOther | QFile::ExeOther),
             QFile::Permissions());
    const auto state = lab::readState(lab.folder());
    QVERIFY2(state, state ? "" : state.error().toString().c_str());
    QVERIFY(!QFile(folder + "/lab.json").permissions().testFlag(QFile::ReadOther));
    lab.supervisor().stop();
    for (const qint64 pid : pids)
        QVERIFY(!isAlive(pid));
    QVERIFY(!QFileInfo::exists(folder));
    QVERIFY(!lab::readState(lab.folder()));
    // And once more.
    QVERIFY(lab.start());
    QCOMPARE(lab.send("sleep", ok).status, 200);
}

void TestSupervisor::requestsAreLoggedAndCounted()
{
    // The lab tells a last time while it stops: what listens outlives it.
    QList<LogEntry> entries;
    QMap<QString, QMap<QString, qint64>> values;
    QMap<QString, QStringList> firsts;
    QMap<QString, quint64> samples;
    RunningLab lab(4);
    lab.supervisor().setStatsInterval(200);
    connect(&lab.supervisor(), &Supervisor::logEntries, this,
            [&](const QList<LogEntry> &more) { entries += more; });
    connect(&lab.supervisor(), &Supervisor::statsChanged, this, [&](const QList<StatsSnapshot> &snapshots) {
        for (const StatsSnapshot &snapshot : snapshots) {
            if (snapshot.first)
                firsts[snapshot.proxy].append(snapshot.process);
            for (const StatValue &value : snapshot.values)
                values[snapshot.process][value.name] = value.value;
            for (const HistogramValue &histogram : snapshot.histograms)
                samples[snapshot.process + ' ' + histogram.name] = histogram.count;
        }
    });
    QVERIFY(lab.start());
    QCOMPARE(lab.send("sleep", ok).status, 200);
    QCOMPARE(lab.send("sleep", "GET http://test.com/status/418").status, 403);
    QTRY_COMPARE_WITH_TIMEOUT(entries.size(), 7, RunningLab::patience);
    const auto of = [&](const char *proxy) {
        QList<QJsonObject> fields;
        for (const LogEntry &entry : std::as_const(entries)) {
            if (entry.proxy == QLatin1String(proxy))
                fields.append(entry.fields);
        }
        return fields;
    };
    const QList<QJsonObject> client = of("primary:default/sleep");
    QCOMPARE(client.size(), 2);
    QCOMPARE(client[0]["response_code"].toInt(), 200);
    QCOMPARE(client[1]["response_code"].toInt(), 403);
    QCOMPARE(client[1]["path"].toString(), QString("/status/418"));
    const QList<QJsonObject> refusing = of("external:istio-system/istio-ingressgateway");
    QCOMPARE(refusing.size(), 2);
    QCOMPARE(
        refusing[1]["response_code_details"].toString(),
        QString("rbac_access_denied_matched_policy[ns[istio-system]-policy[restrict-test-client]-rule[0]]"));
    QCOMPARE(of("external:default/httpbin").size(), 1);
    QVERIFY(entries.front().receivedUs > 0);
    const QString requests = "cluster.outbound|443||test.com;.upstream_rq_total";
    QTRY_COMPARE_WITH_TIMEOUT(values[egressId][requests], 2, RunningLab::patience);
    QTRY_COMPARE_WITH_TIMEOUT(
        samples[QString(egressId) + " cluster.outbound|443||test.com;.upstream_rq_time"], 2U,
        RunningLab::patience);
    // What nobody used is not told, and every proxy began once.
    QVERIFY(!values[egressId].contains("cluster.outbound|443||test.com;.upstream_rq_retry"));
    QCOMPARE(firsts.size(), 4);
    for (const QStringList &list : std::as_const(firsts))
        QCOMPARE(list.size(), 1);
}

void TestSupervisor::aKilledProcessStaysDownAndTheOthersServe()
{
    QList<StatsSnapshot> snapshots; // outlives the lab, which tells a last time while it stops
    RunningLab lab(4);
    connect(&lab.supervisor(), &Supervisor::statsChanged, this,
            [&](const QList<StatsSnapshot> &more) { snapshots += more; });
    const auto firsts = [&snapshots] {
        return std::count_if(snapshots.begin(), snapshots.end(), [](const auto &each) { return each.first; });
    };
    QVERIFY(lab.start());
    QCOMPARE(lab.send("sleep", ok).status, 200);
    QTRY_COMPARE_WITH_TIMEOUT(firsts(), 4, RunningLab::patience);
    QSignalSpy failed(&lab.supervisor(), &Supervisor::failed);
    lab.supervisor().killNode(egressId);
    QTRY_COMPARE(lab.stateOf(egressId), NodeState::Exited);
    QCOMPARE(lab.supervisor().status(egressId).reason, QString("it was killed"));
    QCOMPARE(lab.supervisor().status(egressId).pid, 0);
    QCOMPARE(failed.size(), 0);
    QCOMPARE(lab.send("sleep", ok).status, 503);
    for (const char *other : {sleepId, ingressId, httpbinId})
        QCOMPARE(lab.stateOf(other), NodeState::Ready);
    snapshots.clear();
    lab.supervisor().startNode(egressId);
    QTRY_COMPARE_WITH_TIMEOUT(lab.stateOf(egressId), NodeState::Ready, RunningLab::patience);
    QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 200, RunningLab::patience);
    // It counts from the beginning, the others go on.
    QTRY_COMPARE_WITH_TIMEOUT(firsts(), 1, RunningLab::patience);
    QVERIFY(std::all_of(snapshots.begin(), snapshots.end(),
                        [](const auto &each) { return each.process == egressId || !each.first; }));
}

void TestSupervisor::aStoppedProcessStartsAgain()
{
    RunningLab lab(4);
    QVERIFY(lab.start());
    for (const char *process : {httpbinId, ingressId}) {
        lab.supervisor().stopNode(process);
        QCOMPARE(lab.stateOf(process), NodeState::Stopping);
        QTRY_COMPARE_WITH_TIMEOUT(lab.stateOf(process), NodeState::Stopped, RunningLab::patience);
        QCOMPARE(lab.send("sleep", ok).status, 503);
        lab.supervisor().startNode(process);
        QTRY_COMPARE_WITH_TIMEOUT(lab.stateOf(process), NodeState::Ready, RunningLab::patience);
        QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 200, RunningLab::patience);
    }
    // Stopped and at once started again: it ends, then it starts.
    const qint64 before = lab.pidOf(httpbinId);
    lab.supervisor().stopNode(httpbinId);
    lab.supervisor().startNode(httpbinId);
    QTRY_COMPARE_WITH_TIMEOUT(lab.stateOf(httpbinId), NodeState::Ready, RunningLab::patience);
    QVERIFY(lab.pidOf(httpbinId) != before);
}

void TestSupervisor::aChangedPolicyIsTakenOver()
{
    RunningLab lab(4);
    QVERIFY(lab.start());
    QCOMPARE(lab.send("sleep", ok).status, 200);
    const qint64 egress = lab.pidOf(egressId);
    const qint64 client = lab.pidOf(sleepId);
    QSignalSpy applied(&lab.supervisor(), &Supervisor::applied);
    lab.write("primary/90-nothing.yaml", denyEverythingAtTheEgress);
    QVERIFY(lab.apply());
    QTRY_COMPARE_WITH_TIMEOUT(applied.size(), 1, RunningLab::patience);
    QCOMPARE(applied[0][0].toString(), QString(egressId));
    QCOMPARE(applied[0][1].toString(), QString());
    QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 403, RunningLab::patience);
    QCOMPARE(lab.pidOf(egressId) == egress, !isEnvoy());
    QCOMPARE(lab.pidOf(sleepId), client);
    lab.remove("primary/90-nothing.yaml");
    QVERIFY(lab.apply());
    QTRY_COMPARE_WITH_TIMEOUT(applied.size(), 2, RunningLab::patience);
    QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 200, RunningLab::patience);
}

void TestSupervisor::workloadsComeAndGo()
{
    RunningLab lab(4);
    QVERIFY(lab.start());
    const qint64 client = lab.pidOf(sleepId);
    const std::string address = lab::NetworkView(lab.current()).find("sleep").value()->address;
    QSignalSpy ready(&lab.supervisor(), &Supervisor::ready);
    lab.write("primary/90-another.yaml", secondClient);
    QVERIFY(lab.apply());
    // Although it comes before `sleep` by name, who was there stays where it was.
    QCOMPARE(lab::NetworkView(lab.current()).find("sleep").value()->address, address);
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, RunningLab::patience);
    QCOMPARE(lab.stateOf("primary.default.another"), NodeState::Ready);
    QCOMPARE(lab.send("another", ok).status, 200);
    QCOMPARE(lab.pidOf(sleepId), client);
    const qint64 another = lab.pidOf("primary.default.another");
    lab.remove("primary/90-another.yaml");
    QVERIFY(lab.apply());
    QCOMPARE(lab.stateOf("primary.default.another"), NodeState::Stopped);
    QCOMPARE(lab.supervisor().statuses().size(), static_cast<qsizetype>(lab.current().processes.size()));
    QVERIFY(!isAlive(another));
    QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 200, RunningLab::patience);
}

void TestSupervisor::anUnchangedPlanChangesNothing()
{
    RunningLab lab(5);
    QVERIFY(lab.start());
    const QList<NodeStatus> before = lab.supervisor().statuses();
    QSignalSpy states(&lab.supervisor(), &Supervisor::nodeStateChanged);
    QSignalSpy applied(&lab.supervisor(), &Supervisor::applied);
    const lab::LabPlan again = lab.plan();
    QVERIFY(again.processes == lab.current().processes);
    QVERIFY(lab.supervisor().apply(again));
    QTest::qWait(300);
    QCOMPARE(states.size(), 0);
    QCOMPARE(applied.size(), 0);
    for (const NodeStatus &status : before)
        QCOMPARE(lab.supervisor().status(status.process).pid, status.pid);
}

void TestSupervisor::aBrokenBootstrapLeavesTheOthersAlone()
{
    RunningLab lab(4);
    QVERIFY(lab.start());
    QSignalSpy applied(&lab.supervisor(), &Supervisor::applied);
    QSignalSpy failed(&lab.supervisor(), &Supervisor::failed);
    lab::LabPlan broken = lab.current();
    const auto egress = std::find_if(broken.processes.begin(), broken.processes.end(),
                                     [](const auto &process) { return process.id == egressId; });
    egress->bootstrap.replace("\"static_resources\"", "\"no_such_field\"");
    QVERIFY(lab.supervisor().apply(broken));
    if (isEnvoy()) {
        // It was restarted for it, and says why it did not come back.
        QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, RunningLab::patience);
        QCOMPARE(lab.stateOf(egressId), NodeState::Failed);
        QVERIFY2(failed[0][0].toString().contains("no_such_field"), qPrintable(failed[0][0].toString()));
    } else {
        QTRY_COMPARE_WITH_TIMEOUT(applied.size(), 1, RunningLab::patience);
        QVERIFY2(applied[0][1].toString().contains("no_such_field") ||
                     applied[0][2].toString().contains("no_such_field"),
                 qPrintable(applied[0][1].toString()));
        QCOMPARE(lab.stateOf(egressId), NodeState::Ready);
        QCOMPARE(lab.send("sleep", ok).status, 200);
    }
    for (const char *other : {sleepId, ingressId, httpbinId})
        QCOMPARE(lab.stateOf(other), NodeState::Ready);
    // A good one makes it whole again.
    QVERIFY(lab.supervisor().apply(lab.current()));
    QTRY_COMPARE_WITH_TIMEOUT(lab.stateOf(egressId), NodeState::Ready, RunningLab::patience);
    QTRY_COMPARE_WITH_TIMEOUT(lab.send("sleep", ok).status, 200, RunningLab::patience);
}

void TestSupervisor::aFailedProcessIsStartedAgainByAnotherPlan()
{
    RunningLab lab(1);
    lab::LabPlan broken = lab.plan();
    for (lab::Process &process : broken.processes) {
        if (process.id == sleepId)
            process.bootstrap = "{";
    }
    QSignalSpy failed(&lab.supervisor(), &Supervisor::failed);
    QSignalSpy ready(&lab.supervisor(), &Supervisor::ready);
    QVERIFY(lab.supervisor().start(broken));
    QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, RunningLab::patience);
    QCOMPARE(lab.stateOf(sleepId), NodeState::Failed);
    QVERIFY2(failed[0][0].toString().contains(QString::fromStdString(broken.runFolder)),
             "where its output is was not said");
    QCOMPARE(ready.size(), 0);
    QVERIFY(lab.apply());
    QTRY_COMPARE_WITH_TIMEOUT(ready.size(), 1, RunningLab::patience);
    QCOMPARE(lab.send("sleep", ok).status, 200);
}

void TestSupervisor::aMissingProgramIsNamed()
{
    RunningLab lab(1);
    Programs programs = testedPrograms();
    programs.gateway = "/no/such/gateway";
    lab.supervisor().setPrograms(programs);
    QSignalSpy failed(&lab.supervisor(), &Supervisor::failed);
    QVERIFY(lab.supervisor().start(lab.plan()));
    QTRY_VERIFY(!failed.isEmpty());
    QVERIFY(failed[0][0].toString().contains("/no/such/gateway cannot be started"));
}

void TestSupervisor::aPortThatIsTakenIsNamed()
{
    RunningLab lab(1);
    const lab::LabPlan plan = lab.plan();
    const auto client = std::find_if(plan.processes.begin(), plan.processes.end(),
                                     [](const auto &process) { return process.id == sleepId; });
    QTcpServer taken;
    QVERIFY(taken.listen(QHostAddress(QString::fromStdString(client->outbound.address)),
                         static_cast<quint16>(client->outbound.port)));
    QSignalSpy failed(&lab.supervisor(), &Supervisor::failed);
    QVERIFY(lab.supervisor().start(plan));
    QTRY_VERIFY_WITH_TIMEOUT(!failed.isEmpty(), RunningLab::patience);
    const QString why = failed[0][0].toString();
    QVERIFY2(why.startsWith(sleepId) && why.contains(QString::fromStdString(client->outbound.toString())),
             qPrintable(why));
}

void TestSupervisor::aSecondSupervisorOfTheProjectIsRefused()
{
    RunningLab lab(1);
    QVERIFY(lab.start());
    Supervisor second(testedPrograms());
    const auto started = second.start(lab.current());
    QVERIFY(!started);
    QVERIFY(started.error().what.find("runs already") != std::string::npos);
    QVERIFY(!second.isRunning());
    QCOMPARE(lab.send("sleep", ok).status, 200);
}

void TestSupervisor::labsRunSideBySide()
{
    RunningLab one(4);
    QVERIFY(one.start());
    RunningLab two(1);
    QVERIFY(two.start());
    QCOMPARE(one.send("sleep", "GET http://test.com/status/418").status, 403);
    QCOMPARE(two.send("sleep", "GET http://test.com/status/418").status, 418);
}

void TestSupervisor::nothingOutlivesAKilledSupervisor()
{
    RunningLab lab(4); // for its folder
    QProcess supervisor;
    supervisor.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    supervisor.start(SALLYPORT_BIN_DIR "/sallyportctl",
                     {"lab", QString::fromStdString(lab.folder()), "--keep", "--format", "json"});
    QVERIFY(supervisor.waitForStarted());
    QTRY_VERIFY_WITH_TIMEOUT(supervisor.canReadLine(), RunningLab::patience);
    QList<qint64> children;
    const QString tasks = QStringLiteral("/proc/%1/task/").arg(supervisor.processId());
    for (const QString &task : QDir(tasks).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile file(tasks + task + "/children");
        QVERIFY(file.open(QIODevice::ReadOnly));
        for (const QByteArray &pid : file.readAll().simplified().split(' ')) {
            if (!pid.isEmpty())
                children.append(pid.toLongLong());
        }
    }
    QVERIFY(children.size() >= 6);
    supervisor.kill();
    QVERIFY(supervisor.waitForFinished());
    for (const qint64 pid : children)
        QTRY_VERIFY(!isAlive(pid));
    QVERIFY(!lab::readState(lab.folder()));
    // What it left behind is in nobody's way.
    QVERIFY(lab.start());
    QCOMPARE(lab.send("sleep", ok).status, 200);
}

QTEST_GUILESS_MAIN(TestSupervisor)
#include "test_supervisor.moc"
