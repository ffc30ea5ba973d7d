// SPDX-License-Identifier: GPL-3.0-or-later
// The egress job under load, both of its hops by mutual TLS: many clients of every kind, rude ones among
// them, while the admin interface is read and configurations are replaced. No request fails, and the gateway
// ends well: with a sanitizer built in, that says it has found nothing.
#include "proxy/control/control_client.h"
#include "tests/e2e/hardness/attacked_gateway.h"
#include "tests/proxy/net/test_pki.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>

using namespace bootstrap_text;
using namespace sallyport;

namespace {

/// A program that makes requests, and what it says of them in the end.
class Load
{
public:
    Load(const QString &program, const QStringList &arguments)
    {
        m_process.setProcessChannelMode(QProcess::MergedChannels);
        m_process.start(program, arguments);
    }
    ~Load()
    {
        m_process.kill();
        m_process.waitForFinished();
    }
    bool isOver() const { return m_process.state() == QProcess::NotRunning; }
    QByteArray output() { return m_output += m_process.readAll(); }

private:
    QProcess m_process;
    QByteArray m_output;
};

/// Comes, says what no one understands, or half of what one would, and is gone.
class RudeClients
{
public:
    explicit RudeClients(quint16 port)
        : m_thread([this, port] { run(port); })
    {
    }
    ~RudeClients()
    {
        m_stop = true;
        m_thread.join();
    }
    RudeClients(const RudeClients &) = delete;
    RudeClients &operator=(const RudeClients &) = delete;

private:
    void run(quint16 port)
    {
        using namespace std::string_view_literals;
        constexpr std::string_view said[] = {""sv, "GET / HTTP/1.1\r\n\r\n"sv, "\x16\x03\x01\x02\x00\x01"sv,
                                             "\x16\x03\x01\x00\x04\x01\x00\x00\x00"sv};
        for (std::size_t i = 0; !m_stop; ++i) {
            Client client(port);
            client.send(said[i % std::size(said)]);
            if (i % 3 == 0)
                client.reset();
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    std::atomic<bool> m_stop{false};
    std::thread m_thread;
};

} // namespace

class TestLoad : public QObject
{
    Q_OBJECT

    static constexpr int Big = 64 * 1024;

    /// mTLS in; mTLS out to a second listener of the same gateway, by HTTP/1.1 or HTTP/2, which answers.
    /// `number` makes one configuration differ from the next in a route, a cluster and the listeners.
    QByteArray configuration(quint16 port, int number) const
    {
        const QString trusted = QStringLiteral(R"("validation_context": {"trusted_ca": {"filename": "%1"}})")
                                    .arg(m_pki.path("ca.pem"));
        const auto certificate = [this](const QString &name) {
            return QStringLiteral(R"("tls_certificates": [{"certificate_chain": {"filename": "%1"},
                "private_key": {"filename": "%2"}}])")
                .arg(m_pki.path(name + ".pem"), m_pki.path(name + ".key"));
        };
        const auto tls = [&](const char *side, const QString &name, const QString &protocols,
                             const QString &more) {
            return QStringLiteral(R"("transport_socket": {"name": "tls", "typed_config": {%1, %2,
                "common_tls_context": {%3, %4, "alpn_protocols": [%5]}}})")
                .arg(type(side), more, certificate(name), trusted, protocols);
        };
        const auto serving = [&](bool asks) {
            return tls("envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext", "server",
                       R"("h2", "http/1.1")",
                       QStringLiteral(R"("require_client_certificate": %1)").arg(asks ? "true" : "false"));
        };
        const auto upstream = [&](const QString &name, const QString &version, const QString &protocol) {
            return cluster(
                name, {m_back},
                tls("envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext", "client", protocol,
                    R"("sni": "test.com")") +
                    QStringLiteral(R"(, "typed_extension_protocol_options": {
                    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {%1,
                    "explicit_http_config": {"%2": {}}}})")
                        .arg(type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"), version));
        };
        const auto answer = [](const char *path, int size) {
            return QStringLiteral(R"({"match": {"prefix": "%1"}, "direct_response": {"status": 200,
                "body": {"inline_string": "%2"}}})")
                .arg(QLatin1String(path), QString(size, QLatin1Char('x')));
        };
        const auto manager = [](const QString &routes, const QString &filters, const QString &log) {
            return filter(
                "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                QStringLiteral(R"("stat_prefix": "in", "route_config": {
                    "max_direct_response_body_size_bytes": 100000, "virtual_hosts": [{"name": "v",
                    "domains": ["*"], "routes": [%1]}]}, "http_filters": [%2%3], %4)")
                    .arg(routes, filters, filter("envoy.extensions.filters.http.router.v3.Router", {}), log));
        };
        const QString allowed =
            filter("envoy.extensions.filters.http.rbac.v3.RBAC", R"("rules": {"policies": {"p": {
                "permissions": [{"any": true}], "principals": [{"any": true}]}}})") +
            ", ";
        const QString routes =
            QStringLiteral(R"({"match": {"path": "/number/%1"}, "route": {"cluster": "one"}},
            {"match": {"prefix": "/two"}, "route": {"cluster": "two", "retry_policy": {"retry_on": "5xx"}}},
            {"match": {"prefix": "/"}, "route": {"cluster": "one", "timeout": "60s"}})")
                .arg(number);
        const QString changed =
            QStringLiteral(R"("per_connection_buffer_limit_bytes": %1)").arg(100'000 + number % 3);
        return bootstrap(listener("main", port,
                                  chain(manager(routes, allowed,
                                                accessLog(m_folder.filePath("access.log"),
                                                          "%PROTOCOL% %RESPONSE_CODE% %RESPONSE_FLAGS% "
                                                          "%UPSTREAM_CLUSTER% %DOWNSTREAM_PEER_SUBJECT%")),
                                        serving(false)),
                                  changed) +
                             ", " +
                             listener("back", m_back,
                                      chain(manager(answer("/big", Big) + ", " + answer("/", 1024), {},
                                                    R"("server_name": "back")"),
                                            serving(true))),
                         upstream("one", "http_protocol_options", R"("http/1.1")") + ", " +
                             upstream("two", "http2_protocol_options", R"("h2")") + ", " +
                             cluster(QStringLiteral("other%1").arg(number % 7), {m_back}));
    }

    /// `load_generator` beside us, as the owner of a client certificate.
    std::unique_ptr<Load> requests(const AttackedGateway &gateway, const QStringList &more) const
    {
        return std::make_unique<Load>(QStringLiteral(SALLYPORT_LOAD_GENERATOR),
                                      QStringList{"--port", QString::number(gateway.port), "--tls", "--cert",
                                                  m_pki.path("client.pem"), "--key", m_pki.path("client.key"),
                                                  "--warm-up", "0"} +
                                          more);
    }

    /// Until all `loads` are over: reads what operators read, and does what `also` does. True if all went
    /// well.
    static bool outlast(
        const AttackedGateway &gateway, const std::vector<std::unique_ptr<Load>> &loads,
        const std::function<bool()> &also = [] { return true; })
    {
        const char *const pages[] = {
            "/stats/prometheus", "/stats?format=json", "/config_dump", "/clusters?format=json", "/certs",
            "/listeners"};
        const auto isOver = [](const auto &load) { return load->isOver(); };
        for (std::size_t page = 0; !std::all_of(loads.begin(), loads.end(), isOver); ++page) {
            Client admin(gateway.adminPort);
            admin.send(std::string("GET ") + pages[page % std::size(pages)] +
                       " HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
            if (!admin.readAll().starts_with("HTTP/1.1 200 OK\r\n") || !also())
                return false;
            QTest::qWait(20);
        }
        return true;
    }
    /// As many answers as were asked for, and none of them bad.
    static void verify(Load &load, int answers)
    {
        const QByteArray said = load.output();
        const QJsonObject result = QJsonDocument::fromJson(said.split('\n').value(1)).object();
        QVERIFY2(result["answers"].toInt() >= answers, said.constData());
        QVERIFY2(result["not200"].toInt(-1) == 0 && result["broken"].toInt(-1) == 0, said.constData());
    }
    /// With a sanitizer built in, what it found makes the exit code another.
    static void endWell(AttackedGateway &gateway)
    {
        QVERIFY(gateway.isRunning());
        QVERIFY(gateway.terminates());
        QCOMPARE(gateway.exitCode(), 0);
    }
    qsizetype logged(const QByteArray &words) const
    {
        QFile log(m_folder.filePath("access.log"));
        return log.open(QIODevice::ReadOnly) ? log.readAll().count(words) : -1;
    }
    void clearLog() const { QFile::remove(m_folder.filePath("access.log")); }

    TestPki m_pki;
    QTemporaryDir m_folder;
    const quint16 m_back = freePort();

private Q_SLOTS:
    void init() { clearLog(); }

    void everyKindOfClient()
    {
        AttackedGateway gateway([this](quint16 port) { return configuration(port, 0); });
        std::vector<std::unique_ptr<Load>> loads;
        loads.push_back(requests(gateway, {"--path", "/one", "--count", "6000", "--connections", "32"}));
        loads.push_back(requests(gateway, {"--path", "/two", "--count", "6000", "--connections", "8"}));
        loads.push_back(requests(gateway, {"--path", "/big", "--count", "1000", "--connections", "8"}));
        loads.push_back(requests(gateway, {"--mode", "handshakes", "--count", "600", "--connections", "4"}));
        loads.push_back(
            requests(gateway, {"--mode", "handshakes", "--resume", "--count", "600", "--connections", "4"}));
        loads.push_back(std::make_unique<Load>(
            "h2load", QStringList{"-n", "4000", "-c", "8", "-m", "16",
                                  QStringLiteral("https://127.0.0.1:%1/two").arg(gateway.port)}));
        {
            const RudeClients rude(gateway.port);
            QVERIFY(outlast(gateway, loads));
        }
        const int counts[] = {6000, 6000, 1000, 600, 600};
        for (std::size_t i = 0; i < std::size(counts); ++i)
            verify(*loads[i], counts[i]);
        const QByteArray said = loads.back()->output();
        QVERIFY2(said.contains("4000 succeeded, 0 failed, 0 errored, 0 timeout"), said.constData());

        endWell(gateway);
        QVERIFY(logged("HTTP/1.1 200 - one CN=client,O=Tests\n") >= 6000 + 1000 + 600 + 600);
        QVERIFY(logged("HTTP/1.1 200 - two CN=client,O=Tests\n") >= 6000);
        QCOMPARE(logged("HTTP/2 200 - two -\n"), 4000);
    }

    /// Every configuration replaces the listeners, and with them all connections, while requests run.
    void reconfigured()
    {
        const QString socket = m_folder.filePath("control/socket");
        AttackedGateway gateway([this](quint16 port) { return configuration(port, 0); },
                                {"--control", socket});
        control::ControlClient owner(socket, true);
        QSignalSpy ready(&owner, &control::ControlClient::ready);
        QSignalSpy applied(&owner, &control::ControlClient::applied);
        owner.open();
        QTRY_VERIFY(ready.count() > 0);

        std::vector<std::unique_ptr<Load>> loads;
        loads.push_back(requests(gateway, {"--path", "/one", "--count", "6000", "--connections", "16"}));
        loads.push_back(requests(gateway, {"--path", "/two", "--count", "6000", "--connections", "16"}));
        loads.push_back(requests(gateway, {"--path", "/big", "--count", "1000", "--connections", "4"}));
        int number = 0;
        QVERIFY(outlast(gateway, loads, [&] {
            ++number;
            owner.apply(gateway.withAdmin(configuration(gateway.port, number)));
            return applied.count() == number || (applied.wait(30000) && applied.count() == number);
        }));
        qInfo("%d configurations", number);
        QVERIFY(number > 1);
        verify(*loads[0], 6000);
        verify(*loads[1], 6000);
        verify(*loads[2], 1000);
        endWell(gateway);
    }
};

QTEST_GUILESS_MAIN(TestLoad)
#include "test_load.moc"
