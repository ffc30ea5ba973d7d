// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/control/control_client.h"
#include "proxy/control/control_server.h"
#include "proxy/control/messages.h"
#include "proxy/telemetry/stats.h"

#include <QCborArray>
#include <QDir>
#include <QFileInfo>
#include <QLocalServer>
#include <QLocalSocket>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

using namespace sallyport;
using namespace sallyport::control;

namespace {

class Handler : public CommandHandler
{
public:
    void applyBootstrap(const QByteArray &bootstrap, Applied onApplied) override
    {
        bootstraps.append(bootstrap);
        if (bootstrap.contains("bad"))
            onApplied(
                fail("this build has no `bad`", {"static_resources.listeners[0]", 0, 0}, "leave it out"));
        else
            onApplied({});
    }
    void drain() override { drained = true; }
    void stop(std::chrono::milliseconds given) override { grace = given; }

    QList<QByteArray> bootstraps;
    bool drained = false;
    std::chrono::milliseconds grace{-1};
};

} // namespace

/// Both ends of the control channel over a real socket.
class TestControlChannel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void theFolderIsPrivate();
    void anOpenFolderIsRefused();
    void aStaleSocketIsReplacedAndAnotherGatewaysIsNot();
    void aPathThatIsNotAbsoluteIsRefused();
    void readyReachesSupervisorsThatComeLater();
    void theClientWaitsForTheGateway();
    void certificatesAndErrorsArrive();
    void bootstrapsAreTakenOrRefusedWithThePlace();
    void commandsAreCarriedOut();
    void onlyTheOwnersEndEndsTheGateway();
    void linesOfAnyThreadArriveInOrder();
    void withoutASupervisorLinesCostNothing();
    void aSlowSupervisorLosesLinesAndIsTold();
    void bytesThatAreNoMessagesEndTheConnection_data();
    void bytesThatAreNoMessagesEndTheConnection();

private:
    QString path(const char *name = "gateway") const
    {
        return m_place->filePath("control/") + QString::fromLatin1(name);
    }
    std::unique_ptr<ControlClient> connected(bool owner)
    {
        auto client = std::make_unique<ControlClient>(path(), owner);
        client->open();
        return client;
    }

    std::unique_ptr<QTemporaryDir> m_place;
    std::unique_ptr<Handler> m_handler;
    std::unique_ptr<telemetry::StatsStore> m_stats;
    std::unique_ptr<ControlServer> m_server;
};

void TestControlChannel::init()
{
    m_place = std::make_unique<QTemporaryDir>();
    m_handler = std::make_unique<Handler>();
    m_stats = std::make_unique<telemetry::StatsStore>();
    m_server = std::make_unique<ControlServer>();
    m_server->setHandler(m_handler.get());
    m_server->setStats(m_stats.get());
    const auto listening = m_server->listen(path());
    QVERIFY2(listening, listening ? "" : listening.error().toString().c_str());
}

void TestControlChannel::cleanup()
{
    m_server.reset();
}

void TestControlChannel::theFolderIsPrivate()
{
    QCOMPARE(QFileInfo(m_place->filePath("control")).permissions() &
                 ~(QFile::ReadUser | QFile::WriteUser | QFile::ExeUser),
             QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

void TestControlChannel::anOpenFolderIsRefused()
{
    QVERIFY(QDir(m_place->path()).mkdir("open"));
    QFile::setPermissions(m_place->filePath("open"), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner |
                                                         QFile::ReadOther | QFile::ExeOther);
    ControlServer server;
    const auto listening = server.listen(m_place->filePath("open/gateway"));
    QVERIFY(!listening);
    QVERIFY(listening.error().what.find("open to other users") != std::string::npos);
    QVERIFY(!QFileInfo::exists(m_place->filePath("open/gateway")));
}

void TestControlChannel::aStaleSocketIsReplacedAndAnotherGatewaysIsNot()
{
    ControlServer second;
    QVERIFY(!second.listen(path()));
    // A gateway that was killed leaves its socket file behind: bind a name and forget it.
    const QByteArray stale = path("stale").toUtf8();
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    std::copy(stale.begin(), stale.end(), address.sun_path);
    QCOMPARE(::bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
    ::close(fd);
    QVERIFY(QFileInfo::exists(path("stale")));
    const auto listening = second.listen(path("stale"));
    QVERIFY2(listening, listening ? "" : listening.error().toString().c_str());
}

void TestControlChannel::aPathThatIsNotAbsoluteIsRefused()
{
    ControlServer server;
    QVERIFY(!server.listen("control/gateway"));
}

void TestControlChannel::readyReachesSupervisorsThatComeLater()
{
    m_server->sendReady({{"main", "127.0.0.1:15001"}, {"0.0.0.0_80", "127.0.0.1:80"}});
    const auto client = connected(true);
    QSignalSpy ready(client.get(), &ProcessLink::ready);
    std::vector<BoundListener> heard;
    connect(client.get(), &ControlClient::listening, this, [&](const auto &listeners) { heard = listeners; });
    QTRY_COMPARE(ready.size(), 1);
    QCOMPARE(heard.size(), 2U);
    QCOMPARE(heard[1].name, std::string("0.0.0.0_80"));
    QCOMPARE(heard[1].address, std::string("127.0.0.1:80"));
}

void TestControlChannel::theClientWaitsForTheGateway()
{
    m_server.reset();
    const auto client = connected(true);
    QSignalSpy ready(client.get(), &ProcessLink::ready);
    QTest::qWait(100);
    QVERIFY(!client->isConnected());
    m_server = std::make_unique<ControlServer>();
    QVERIFY(m_server->listen(path()));
    m_server->sendReady({});
    QTRY_COMPARE(ready.size(), 1);
}

void TestControlChannel::certificatesAndErrorsArrive()
{
    const auto client = connected(true);
    std::vector<CertificateNote> notes;
    connect(client.get(), &ControlClient::certificates, this, [&](const auto &list) { notes = list; });
    QSignalSpy problems(client.get(), &ProcessLink::problem);
    QTRY_VERIFY(client->isConnected());
    m_server->sendCertificates({{"/run/sds/default.json", "CN=sleep", "0a:1b", 4'000'000'000}});
    m_server->sendError({"the file is full", {"/var/log/access.log", 0, 0}, "make room"});
    QTRY_COMPARE(problems.size(), 1);
    QCOMPARE(problems[0][0].toString(), QString("/var/log/access.log: the file is full (make room)"));
    QCOMPARE(notes.size(), 1U);
    QCOMPARE(notes[0].path, std::string("/run/sds/default.json"));
    QCOMPARE(notes[0].subject, std::string("CN=sleep"));
    QCOMPARE(notes[0].serial, std::string("0a:1b"));
    QCOMPARE(notes[0].notAfter, std::int64_t(4'000'000'000));
    // Who comes later is told the same.
    const auto later = connected(false);
    QSignalSpy laterProblems(later.get(), &ProcessLink::problem);
    QTRY_COMPARE(laterProblems.size(), 1);
}

void TestControlChannel::bootstrapsAreTakenOrRefusedWithThePlace()
{
    const auto client = connected(true);
    QSignalSpy applied(client.get(), &ProcessLink::applied);
    QTRY_VERIFY(client->isConnected());
    const QByteArray large = "{\"x\": \"" + QByteArray(3'000'000, 'y') + "\"}";
    QVERIFY(client->apply(large));
    QTRY_COMPARE(applied.size(), 1);
    QCOMPARE(m_handler->bootstraps.size(), 1);
    QVERIFY(m_handler->bootstraps[0] == large);
    QCOMPARE(applied[0][0].toString(), QString());
    QVERIFY(client->apply("{\"bad\": 1}"));
    QTRY_COMPARE(applied.size(), 2);
    QCOMPARE(applied[1][0].toString(), QString("this build has no `bad` (leave it out)"));
    QCOMPARE(applied[1][1].toString(), QString("static_resources.listeners[0]"));
}

void TestControlChannel::commandsAreCarriedOut()
{
    const auto client = connected(true);
    QTRY_VERIFY(client->isConnected());
    client->drain();
    client->stop(std::chrono::milliseconds(1500));
    QTRY_COMPARE(m_handler->grace.count(), 1500);
    QVERIFY(m_handler->drained);
}

void TestControlChannel::onlyTheOwnersEndEndsTheGateway()
{
    m_server->sendReady({});
    QSignalSpy gone(m_server.get(), &ControlServer::ownerGone);
    auto owner = connected(true);
    auto observer = connected(false);
    QSignalSpy ownerReady(owner.get(), &ProcessLink::ready);
    QSignalSpy observerReady(observer.get(), &ProcessLink::ready);
    QTRY_VERIFY(ownerReady.size() == 1 && observerReady.size() == 1);
    QSignalSpy ended(observer.get(), &ControlClient::disconnected);
    observer.reset();
    // The server has seen the observer go once it has answered a later question of the owner.
    QSignalSpy stats(owner.get(), &ProcessLink::stats);
    owner->askStats();
    QTRY_COMPARE(stats.size(), 1);
    QCOMPARE(gone.size(), 0);
    owner.reset();
    QTRY_COMPARE(gone.size(), 1);
}

void TestControlChannel::linesOfAnyThreadArriveInOrder()
{
    const auto client = connected(true);
    QTRY_VERIFY(client->isConnected());
    m_server->sendReady({});
    QSignalSpy ready(client.get(), &ProcessLink::ready);
    QTRY_COMPARE(ready.size(), 1);
    QMap<QByteArray, QList<int>> seen;
    int count = 0;
    quint64 lost = 0;
    connect(client.get(), &ProcessLink::lines, this, [&](const QList<LogLine> &lines, quint64 dropped) {
        lost += dropped;
        for (const LogLine &line : lines) {
            ++count;
            seen[line.bytes.left(1)].append(line.bytes.mid(1).toInt());
            QCOMPARE(line.json, line.bytes.startsWith('a'));
        }
    });
    const auto write = [this](char name) {
        for (int i = 0; i < 2000; ++i)
            m_server->onLogLine(name + std::to_string(i), name == 'a');
    };
    std::thread a(write, 'a');
    std::thread b(write, 'b');
    a.join();
    b.join();
    QTRY_COMPARE(count, 4000);
    QCOMPARE(lost, 0U);
    for (const QList<int> &numbers : std::as_const(seen))
        QVERIFY(std::is_sorted(numbers.begin(), numbers.end()));
}

void TestControlChannel::withoutASupervisorLinesCostNothing()
{
    const std::string line(1024 * 1024, 'x');
    for (int i = 0; i < 64; ++i)
        m_server->onLogLine(line, true);
    QCOMPARE(m_server->droppedLines(), 0U);
    const auto client = connected(true);
    QSignalSpy lines(client.get(), &ProcessLink::lines);
    QTRY_VERIFY(client->isConnected());
    QTest::qWait(100);
    QCOMPARE(lines.size(), 0);
}

void TestControlChannel::aSlowSupervisorLosesLinesAndIsTold()
{
    // A client that greets and then does not read.
    QLocalSocket slow;
    slow.setReadBufferSize(1);
    slow.connectToServer(path());
    QVERIFY(slow.waitForConnected());
    QCborMap hello = wire::message(wire::hello);
    hello.insert(wire::owner, false);
    slow.write(frame(hello));
    QTRY_VERIFY(slow.bytesAvailable() > 0);
    const std::string line(10'000, 'x');
    std::uint64_t written = 0;
    while (m_server->droppedLines() == 0) {
        for (int i = 0; i < 100; ++i, ++written)
            m_server->onLogLine(line, false);
        QCoreApplication::processEvents();
        QTest::qWait(25);
        QVERIFY2(written < 10'000, "nothing is ever dropped");
    }
    // Now it reads: what it gets and what it is told to have missed is everything.
    slow.setReadBufferSize(0);
    FrameReader reader;
    std::uint64_t got = 0;
    std::uint64_t missed = 0;
    const auto takeAll = [&] {
        reader.append(slow.readAll());
        while (true) {
            const auto message = reader.next();
            if (!message || !*message)
                return;
            if ((*message)->value(wire::type).toString() != wire::log)
                continue;
            got += static_cast<std::uint64_t>((*message)->value(wire::lines).toArray().size()) / 2;
            missed += static_cast<std::uint64_t>((*message)->value(wire::dropped).toInteger());
        }
    };
    connect(&slow, &QLocalSocket::readyRead, this, takeAll);
    takeAll();
    QTRY_COMPARE(got + missed, written);
    QVERIFY(missed > 0);
    QCOMPARE(missed, m_server->droppedLines());
}

void TestControlChannel::bytesThatAreNoMessagesEndTheConnection_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addRow("a frame of 4 GiB") << QByteArray("\xff\xff\xff\xff", 4);
    QTest::addRow("not CBOR") << QByteArray("\x00\x00\x00\x02\xff\xff", 6);
    QTest::addRow("not a map") << QByteArray("\x00\x00\x00\x01\x05", 5);
    QTest::addRow("more than one value") << QByteArray("\x00\x00\x00\x02\xa0\xa0", 6);
}

void TestControlChannel::bytesThatAreNoMessagesEndTheConnection()
{
    QFETCH(QByteArray, bytes);
    QLocalSocket socket;
    socket.connectToServer(path());
    QVERIFY(socket.waitForConnected());
    socket.write(bytes);
    QTRY_COMPARE(socket.state(), QLocalSocket::UnconnectedState);
    // The gateway serves others as before.
    m_server->sendReady({});
    const auto client = connected(true);
    QSignalSpy ready(client.get(), &ProcessLink::ready);
    QTRY_COMPARE(ready.size(), 1);
}

QTEST_GUILESS_MAIN(TestControlChannel)
#include "test_control_channel.moc"
