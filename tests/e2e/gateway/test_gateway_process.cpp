// SPDX-License-Identifier: GPL-3.0-or-later
// The real program: how it starts, refuses, ends and survives.
#include "proxy/control/control_client.h"
#include "tests/e2e/gateway/gateway_process.h"
#include "tests/proxy/net/test_pki.h"

#include <QElapsedTimer>
#include <QSignalSpy>

using namespace bootstrap_text;
using namespace sallyport;

class TestGatewayProcess : public QObject
{
    Q_OBJECT

private:
    TestPki m_pki;
    QTemporaryDir m_folder;

    QString file(const QString &name, const QByteArray &content) const
    {
        QFile file(m_folder.filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("cannot write");
        return file.fileName();
    }

private Q_SLOTS:
    void saysItsVersionAndFlags()
    {
        const Ran version = gateway({"--version"});
        QCOMPARE(version.exitCode, 0);
        QVERIFY(version.out.startsWith("sallyport-gateway  version: "));
        const Ran help = gateway({"--help"});
        QCOMPARE(help.exitCode, 0);
        QVERIFY(help.out.contains("--config-path"));
    }

    /// What is documented is what the decoders read: `sallyport-gateway --supported-fields >
    /// proxy/FIELDS.md`.
    void theTableOfFieldsIsTrue()
    {
        const Ran table = gateway({"--supported-fields"});
        QCOMPARE(table.exitCode, 0);
        QFile documented(QStringLiteral(SALLYPORT_SOURCE_DIR "/proxy/FIELDS.md"));
        QVERIFY(documented.open(QIODevice::ReadOnly));
        QVERIFY2(documented.readAll() == table.out, "proxy/FIELDS.md is not what the gateway says");
    }

    void refusesWrongFlags_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("nothing") << QStringList() << QByteArray("there is no configuration");
        QTest::newRow("unknown") << QStringList{"--nope"} << QByteArray("unknown flag --nope");
        QTest::newRow("no value") << QStringList{"-c"} << QByteArray("needs a value");
        QTest::newRow("no number") << QStringList{"-c", "x", "--concurrency", "two"}
                                   << QByteArray("--concurrency needs a number");
        QTest::newRow("mode") << QStringList{"-c", "x", "--mode", "wish"} << QByteArray("serve or validate");
        QTest::newRow("stray") << QStringList{"x.json"} << QByteArray("unexpected argument 'x.json'");
        QTest::newRow("no file") << QStringList{"-c", "/nonexistent"} << QByteArray("/nonexistent");
    }
    void refusesWrongFlags()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QByteArray, says);
        const Ran ran = gateway(arguments);
        QCOMPARE(ran.exitCode, 1);
        QVERIFY2(ran.err.contains(says), ran.err.constData());
        QVERIFY(ran.out.isEmpty());
    }

    /// What scripts give Envoy is taken.
    void takesEnvoysFlags()
    {
        const QString path = file("good.json", bootstrap(listener("in", 1, chain(directResponse("x"))), {}));
        const Ran ran = gateway({"-c",
                                 path,
                                 "--mode",
                                 "validate",
                                 "-l",
                                 "warn",
                                 "--drain-time-s",
                                 "45",
                                 "--drain-strategy=immediate",
                                 "--parent-shutdown-time-s",
                                 "60",
                                 "--local-address-ip-version",
                                 "v4",
                                 "--use-dynamic-base-id",
                                 "--disable-hot-restart",
                                 "--base-id",
                                 "1",
                                 "--service-node",
                                 "n",
                                 "--service-cluster",
                                 "c",
                                 "--component-log-level",
                                 "a:debug"});
        QCOMPARE(ran.exitCode, 0);
        QCOMPARE(ran.out, "configuration '" + path.toUtf8() + "' OK\n");
        const Ran text = gateway({"--config-yaml", bootstrap({}, {}), "--mode", "validate"});
        QCOMPARE(text.exitCode, 0);
    }

    void refusesBadBootstraps()
    {
        const QString path =
            file("bad.json", bootstrap(listener("in", 1, chain(directResponse("x")), R"("nmae": "x")"), {}));
        for (const QStringList &mode : {QStringList{"--mode", "validate"}, QStringList()}) {
            const Ran ran = gateway(QStringList{"-c", path} + mode);
            QCOMPARE(ran.exitCode, 1);
            QVERIFY2(ran.err.contains("static_resources.listeners[0].nmae"), ran.err.constData());
            QVERIFY(ran.err.contains(path.toUtf8()));
        }
    }

    /// Envoy's users write YAML.
    void takesYaml()
    {
        const QByteArray yaml = R"(# one listener
static_resources:
  listeners:
  - name: in
    address: &here {socket_address: {address: 127.0.0.1, port_value: 0x1F90}}
    filter_chains:
    - filters:
      - name: tcp
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
          stat_prefix: out
          cluster: up
          idle_timeout: 1.5s
  clusters:
  - name: up
    ignore_health_on_host_removal: yes
    per_connection_buffer_limit_bytes: 4294967295
    load_assignment:
      cluster_name: up
      endpoints:
      - lb_endpoints:
        - endpoint: {address: *here}
)";
        const QString path = file("good.yaml", yaml);
        const Ran good = gateway({"-c", path, "--mode", "validate"});
        QVERIFY2(good.exitCode == 0, good.err.constData());
        const Ran text = gateway({"--config-yaml", yaml, "--mode", "validate"});
        QVERIFY2(text.exitCode == 0, text.err.constData());
        const Ran over = gateway({"-c", path, "--config-yaml",
                                  "static_resources: {clusters: [{name: up, connect_timeout: 1s}]}", "--mode",
                                  "validate"});
        QCOMPARE(over.exitCode, 1);
        QVERIFY2(over.err.contains("duplicate cluster 'up'"), over.err.constData());
        const Ran byName = gateway({"-c", file("good.json", yaml), "--mode", "validate"});
        QCOMPARE(byName.exitCode, 1);
        const Ran field =
            gateway({"-c", file("field.yml", QByteArray(yaml).replace("idle_timeout", "idle_time")), "--mode",
                     "validate"});
        QCOMPARE(field.exitCode, 1);
        QVERIFY2(field.err.contains(
                     "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.idle_time"),
                 field.err.constData());
        const QString broken = file("broken.yaml", yaml + "  : [\n");
        const Ran syntax = gateway({"-c", broken, "--mode", "validate"});
        QCOMPARE(syntax.exitCode, 1);
        QVERIFY2(syntax.err.contains(broken.toUtf8() + ':'), syntax.err.constData());
    }

    void saysWhyItCannotListen()
    {
        const Peer taken(Peer::echo);
        const QString path =
            file("taken.json", bootstrap(listener("in", taken.port, chain(directResponse("x"))), {}));
        const Ran ran = gateway({"-c", path});
        QCOMPARE(ran.exitCode, 1);
        QVERIFY2(ran.err.contains("127.0.0.1:" + QByteArray::number(taken.port)) &&
                     ran.err.contains("another process listens there"),
                 ran.err.constData());
        QCOMPARE(gateway({"-c", path, "--mode", "validate"}).exitCode, 0);
    }

    void endsOnSignals_data()
    {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
    }
    void endsOnSignals()
    {
        QFETCH(int, number);
        const quint16 port = freePort();
        GatewayProcess running(bootstrap(listener("in", port, chain(directResponse("x"))), {}));
        QVERIFY(running.listens(port));
        running.signal(SIGHUP);
        running.signal(number);
        QVERIFY(running.ends());
        QCOMPARE(running.process.exitStatus(), QProcess::NormalExit);
        QCOMPARE(running.process.exitCode(), 0);
        QVERIFY(!Client(port).connected);
    }

    void termWaitsForWhatRunsAndASecondOneDoesNot()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        for (const bool twice : {false, true}) {
            GatewayProcess running(
                bootstrap(listener("in", port, chain(tcpProxy())), cluster("up", {up.port})),
                {"--termination-drain-duration-s", "60"});
            QVERIFY(running.listens(port));
            Client client(port);
            client.send("a");
            QCOMPARE(client.read(1), std::string("a"));
            running.signal(SIGTERM);
            QTRY_VERIFY(!Client(port).connected);
            client.send("b");
            QCOMPARE(client.read(1), std::string("b"));
            if (twice)
                running.signal(SIGTERM);
            else
                client.close();
            QVERIFY(running.ends());
            QCOMPARE(running.process.exitCode(), 0);
        }
    }

    void graceIsBounded()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        GatewayProcess running(bootstrap(listener("in", port, chain(tcpProxy())), cluster("up", {up.port})),
                               {"--termination-drain-duration-s", "1"});
        QVERIFY(running.listens(port));
        Client client(port);
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        running.signal(SIGTERM);
        QVERIFY(running.ends());
        QCOMPARE(running.process.exitCode(), 0);
        QCOMPARE(client.readAll(), std::string());
    }

    void logsAreWrittenToTheEndAndReopened()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        const QString log = m_folder.filePath("access.log");
        GatewayProcess running(bootstrap(
            listener("in", port, chain(tcpProxy(R"("cluster": "up", )" + accessLog(log, "%BYTES_SENT%")))),
            cluster("up", {up.port})));
        QVERIFY(running.listens(port));
        const auto exchange = [port](const std::string &text) {
            Client client(port);
            client.send(text);
            client.finish();
            QCOMPARE(client.readAll(), text + "|end");
        };
        const auto lines = [](const QString &path) {
            QFile file(path);
            return file.open(QIODevice::ReadOnly) ? file.readAll().split('\n') : QList<QByteArray>();
        };
        exchange("1");
        QTRY_VERIFY(lines(log).contains("5"));
        QVERIFY(QFile::rename(log, log + ".1"));
        running.signal(SIGUSR1);
        QTRY_VERIFY(QFile::exists(log));
        exchange("12");
        running.signal(SIGTERM);
        QVERIFY(running.ends());
        QVERIFY(lines(log).contains("6"));
        QVERIFY(!lines(log + ".1").contains("6"));
    }

    void readsItsConfigurationAgain()
    {
        const quint16 port = freePort();
        GatewayProcess running(bootstrap(listener("in", port, chain(directResponse("old"))), {}));
        QVERIFY(running.listens(port));
        running.write("{");
        running.signal(SIGHUP);
        QTRY_VERIFY(running.output().contains("the old one stays"));
        QCOMPARE(Client(port).readAll(), std::string("old"));
        running.write(bootstrap(listener("in", port, chain(directResponse("new"))), {}));
        running.signal(SIGHUP);
        QTRY_COMPARE(Client(port).readAll(), std::string("new"));
    }

    /// A crash leaves nothing behind that would keep the next one from starting, and harms nobody else.
    void killedGatewayCanStartAgain()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        const quint16 otherPort = freePort();
        GatewayProcess other(
            bootstrap(listener("in", otherPort, chain(tcpProxy())), cluster("up", {up.port})));
        QVERIFY(other.listens(otherPort));
        Client through(otherPort);
        const QByteArray text = bootstrap(listener("in", port, chain(tcpProxy())), cluster("up", {up.port}));
        {
            GatewayProcess killed(text);
            QVERIFY(killed.listens(port));
            Client client(port);
            client.send("a");
            QCOMPARE(client.read(1), std::string("a"));
            killed.signal(SIGKILL);
            QVERIFY(killed.ends());
            QCOMPARE(client.readAll(), std::string());
        }
        GatewayProcess again(text);
        QVERIFY(again.listens(port));
        Client client(port);
        client.send("b");
        QCOMPARE(client.read(1), std::string("b"));
        through.send("c");
        QCOMPARE(through.read(1), std::string("c"));
    }

    void manyIdleConnectionsCostLittle()
    {
        Peer up(Peer::saying("served"));
        const quint16 port = freePort();
        GatewayProcess running(bootstrap(
            listener("in", port,
                     chain(tcpProxy(), serverTls(m_pki.path("server.pem"), m_pki.path("server.key")))),
            cluster("up", {up.port})));
        QVERIFY(running.listens(port));
        // Idle before the handshake: what every connection costs at least, upstream included.
        [[maybe_unused]] const qint64 before = running.memory(); // A sanitizer's memory says nothing.
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 200; ++i) {
            clients.push_back(std::make_unique<Client>(port));
            QVERIFY(clients.back()->connected);
        }
        QTRY_COMPARE(up.connections.load(), 201);
        const Ran served =
            run("openssl", {"s_client", "-connect", QString("127.0.0.1:%1").arg(port), "-quiet"});
        QCOMPARE(served.out, QByteArray("served"));
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        QVERIFY2((running.memory() - before) / 200 < qint64(64) * 1024,
                 qPrintable(QString::number((running.memory() - before) / 200)));
#endif
        running.signal(SIGTERM);
        QVERIFY(running.ends());
        QCOMPARE(running.process.exitCode(), 0);
    }

    void controlChannelAppliesAndEndsWithItsOwner()
    {
        const quint16 port = freePort();
        const QString socket = m_folder.filePath("control/socket");
        GatewayProcess running(bootstrap(listener("in", port, chain(directResponse("old"))), {}),
                               {"--control", socket});
        QVERIFY(running.listens(port));
        auto client = std::make_unique<control::ControlClient>(socket, true);
        QSignalSpy ready(client.get(), &control::ControlClient::ready);
        client->open();
        QTRY_VERIFY(ready.count() > 0);
        QSignalSpy applied(client.get(), &control::ControlClient::applied);
        client->apply(bootstrap(listener("in", port, chain(directResponse("new"))), {}));
        QTRY_COMPARE(applied.count(), 1);
        QCOMPARE(Client(port).readAll(), std::string("new"));
        client->apply("{");
        QTRY_COMPARE(applied.count(), 2);
        QCOMPARE(Client(port).readAll(), std::string("new"));
        client.reset();
        QVERIFY(running.ends());
        QCOMPARE(running.process.exitCode(), 0);
    }
};

QTEST_GUILESS_MAIN(TestGatewayProcess)
#include "test_gateway_process.moc"
