// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"
#include "tests/proxy/net/test_pki.h"
#include "tests/proxy/server/running_server.h"

#include <QProcess>

using namespace bootstrap_text;

namespace {

const QString Cache = QStringLiteral(R"("dns_cache_config": {"name": "c", "dns_lookup_family": "V4_ONLY"})");

/// The cache with more said about it.
QString cacheWith(const QString &fields)
{
    return QString(Cache).replace(QStringLiteral("_ONLY\""), QStringLiteral("_ONLY\", ") + fields);
}

QString dynamicCluster(const QString &cache = Cache)
{
    return QStringLiteral(R"({"name": "dfp", "lb_policy": "CLUSTER_PROVIDED", "connect_timeout": "2s",
        "cluster_type": {"name": "envoy.clusters.dynamic_forward_proxy", "typed_config": {%1, %2}}})")
        .arg(type("envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig"), cache);
}

QString httpChain(bool withFilter = true, const QString &before = {}, const QString &cache = Cache)
{
    const QString lookUp =
        QStringLiteral(R"({"name": "d", "typed_config": {%1, %2}},)")
            .arg(type("envoy.extensions.filters.http.dynamic_forward_proxy.v3.FilterConfig"), cache);
    return chain(
        filter("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               QStringLiteral(R"("stat_prefix": "in", "route_config": {"name": "r", "virtual_hosts": [
            {"name": "v", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "dfp"}}]}]},
            "http_filters": [%3%1{"name": "r", "typed_config": {%2}}])")
                   .arg(withFilter ? lookUp : QString(),
                        type("envoy.extensions.filters.http.router.v3.Router"), before)));
}

/// A name server that never answers.
class SilentNames
{
public:
    SilentNames()
    {
        const sockaddr_in any = loopback(0);
        if (::bind(m_fd, reinterpret_cast<const sockaddr *>(&any), sizeof any) != 0)
            qFatal("cannot bind");
    }
    ~SilentNames() { ::close(m_fd); }
    SilentNames(const SilentNames &) = delete;
    SilentNames &operator=(const SilentNames &) = delete;

    /// A bootstrap that asks it.
    QByteArray added(QByteArray bootstrap) const
    {
        const QString resolver =
            QStringLiteral(
                R"({"typed_dns_resolver_config": {"name": "envoy.network.dns_resolver.cares", "typed_config": {%2,
                "resolvers": [{"socket_address": {"address": "127.0.0.1", "port_value": %1}}]}},)")
                .arg(portOf(m_fd))
                .arg(type("envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig"));
        return bootstrap.replace(bootstrap.indexOf('{'), 1, resolver.toUtf8());
    }

private:
    const int m_fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

} // namespace

/// Connections and requests that go to the host they name, whatever it is.
class TestDynamicForwardProxy : public QObject
{
    Q_OBJECT

private:
    TestNames m_names;

    /// curl runs beside this thread, which looks the names up.
    static QByteArray answerTo(RunningServer &gateway, const QString &host)
    {
        QProcess curl;
        curl.start(QStringLiteral("curl"), {QStringLiteral("-si"), QStringLiteral("-H"), "host: " + host,
                                            QStringLiteral("http://127.0.0.1:%1/").arg(gateway.port("in"))});
        if (!QTest::qWaitFor([&curl] { return curl.state() == QProcess::NotRunning; }, 20000))
            return "curl does not end";
        return curl.readAllStandardOutput();
    }

private Q_SLOTS:
    void initTestCase() { m_names.set("::1 somebody.test,127.0.0.1 somebody.test"); }

    void hostHeaderNamesTheHost()
    {
        Peer first(answerEach);
        Peer second(answerEach);
        RunningServer gateway(bootstrap(listener("in", 0, httpChain()), dynamicCluster()));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QVERIFY(answerTo(gateway, QStringLiteral("localhost:%1").arg(first.port)).startsWith("HTTP/1.1 200"));
        QCOMPARE(first.connections.load(), 1);
        // The port is each request's own, and a name is known by port.
        QVERIFY(
            answerTo(gateway, QStringLiteral("localhost:%1").arg(second.port)).startsWith("HTTP/1.1 200"));
        QCOMPARE(second.connections.load(), 1);
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 2U);
        // An address needs no look-up.
        QVERIFY(answerTo(gateway, QStringLiteral("127.0.0.1:%1").arg(first.port)).startsWith("HTTP/1.1 200"));
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 2U);
    }

    /// Without the filter the cluster looks names up itself.
    void clusterLooksNamesUp()
    {
        Peer host(answerEach);
        RunningServer gateway(bootstrap(listener("in", 0, httpChain(false)), dynamicCluster()));
        QTRY_VERIFY(gateway.live);
        QVERIFY(answerTo(gateway, QStringLiteral("localhost:%1").arg(host.port)).startsWith("HTTP/1.1 200"));
    }

    void unknownHostIsUnavailable_data()
    {
        QTest::addColumn<bool>("withFilter");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<quint64>("hostless");
        QTest::newRow("to the filter") << true << QByteArray("DNS resolution failure") << quint64(0);
        QTest::newRow("to the cluster") << false << QByteArray("no healthy upstream") << quint64(1);
    }

    void unknownHostIsUnavailable()
    {
        QFETCH(bool, withFilter);
        QFETCH(QByteArray, body);
        QFETCH(quint64, hostless);
        RunningServer gateway(
            m_names.added(bootstrap(listener("in", 0, httpChain(withFilter)), dynamicCluster())));
        QTRY_VERIFY(gateway.live);
        const QByteArray answer = answerTo(gateway, QStringLiteral("nobody.test"));
        QVERIFY2(answer.startsWith("HTTP/1.1 503"), answer.constData());
        QVERIFY2(answer.contains(body), answer.constData());
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 1U);
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_success"), 1U);
        QCOMPARE(gateway.counter("cluster.dfp.upstream_cx_none_healthy"), hostless);
    }

    /// The bootstrap's name server is that of the caches.
    void nameServersAreAsked()
    {
        Peer host(answerEach);
        RunningServer gateway(m_names.added(bootstrap(listener("in", 0, httpChain()), dynamicCluster())));
        QTRY_VERIFY(gateway.live);
        QVERIFY(
            answerTo(gateway, QStringLiteral("Somebody.test:%1").arg(host.port)).startsWith("HTTP/1.1 200"));
        QCOMPARE(host.connections.load(), 1);
    }

    /// Nobody asks for it in the meantime.
    void hostIsLookedUpAgain()
    {
        Peer host(answerEach);
        const QString cache = cacheWith(QStringLiteral(R"("dns_min_refresh_rate": "1s")"));
        RunningServer gateway(
            m_names.added(bootstrap(listener("in", 0, httpChain(true, {}, cache)), dynamicCluster(cache))));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QVERIFY(
            answerTo(gateway, QStringLiteral("somebody.test:%1").arg(host.port)).startsWith("HTTP/1.1 200"));
        QTRY_VERIFY_WITH_TIMEOUT(gateway.counter("dns_cache.c.dns_query_success") > 1U, 20000);
        QCOMPARE(gateway.counter("dns_cache.c.host_added"), 1U);
        QCOMPARE(gateway.counter("dns_cache.c.host_address_changed"), 1U);
    }

    void unusedHostIsForgotten()
    {
        Peer host(answerEach);
        const QString cache =
            cacheWith(QStringLiteral(R"("dns_min_refresh_rate": "1s", "host_ttl": "0.5s")"));
        RunningServer gateway(
            m_names.added(bootstrap(listener("in", 0, httpChain(true, {}, cache)), dynamicCluster(cache))));
        QTRY_VERIFY(gateway.live);
        const QString name = QStringLiteral("somebody.test:%1").arg(host.port);
        QVERIFY(answerTo(gateway, name).startsWith("HTTP/1.1 200"));
        QTRY_COMPARE_WITH_TIMEOUT(gateway.counter("dns_cache.c.host_removed"), 1U, 20000);
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 1U);
        QVERIFY(answerTo(gateway, name).startsWith("HTTP/1.1 200"));
        QCOMPARE(gateway.counter("dns_cache.c.host_added"), 2U);
    }

    /// That a host has no address holds until it is looked up again by itself.
    void missingHostIsRemembered()
    {
        RunningServer gateway(m_names.added(bootstrap(listener("in", 0, httpChain()), dynamicCluster())));
        QTRY_VERIFY(gateway.live);
        QVERIFY(answerTo(gateway, QStringLiteral("nobody.test")).contains("DNS resolution failure"));
        QVERIFY(answerTo(gateway, QStringLiteral("nobody.test")).contains("DNS resolution failure"));
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 1U);
        QCOMPARE(gateway.counter("dns_cache.c.host_added"), 1U);
    }

    void patienceEnds_data()
    {
        QTest::addColumn<QString>("more");
        QTest::addColumn<quint64>("queries");
        QTest::addColumn<quint64>("added");
        QTest::newRow("a failure is remembered") << QString() << quint64(1) << quint64(1);
        QTest::newRow("nothing is refreshed")
            << QStringLiteral(R"(, "disable_dns_refresh_on_failure": true)") << quint64(2) << quint64(2);
    }

    void patienceEnds()
    {
        QFETCH(QString, more);
        QFETCH(quint64, queries);
        QFETCH(quint64, added);
        const SilentNames silent;
        const QString cache = cacheWith(QStringLiteral(R"("dns_query_timeout": "1s")") + more);
        RunningServer gateway(
            silent.added(bootstrap(listener("in", 0, httpChain(true, {}, cache)), dynamicCluster(cache))));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QVERIFY(answerTo(gateway, QStringLiteral("slow.test")).contains("DNS resolution failure"));
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_timeout"), 1U);
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_failure"), 1U);
        QVERIFY(answerTo(gateway, QStringLiteral("slow.test")).contains("DNS resolution failure"));
        QCOMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), queries);
        QCOMPARE(gateway.counter("dns_cache.c.host_added"), added);
    }

    void pendingRequestsAreLimited_data()
    {
        QTest::addColumn<bool>("withFilter");
        QTest::addColumn<QByteArray>("body");
        QTest::newRow("by the filter")
            << true << QByteArray("Dynamic forward proxy pending request overflow");
        QTest::newRow("by the cluster") << false << QByteArray("no healthy upstream");
    }

    void pendingRequestsAreLimited()
    {
        QFETCH(bool, withFilter);
        QFETCH(QByteArray, body);
        const SilentNames silent;
        const QString cache =
            cacheWith(QStringLiteral(R"("dns_cache_circuit_breaker": {"max_pending_requests": 1})"));
        RunningServer gateway(silent.added(
            bootstrap(listener("in", 0, httpChain(withFilter, {}, cache)), dynamicCluster(cache))));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QProcess first;
        first.start(QStringLiteral("curl"),
                    {QStringLiteral("-s"), QStringLiteral("-H"), QStringLiteral("host: slow.test"),
                     QStringLiteral("http://127.0.0.1:%1/").arg(gateway.port("in"))});
        QTRY_COMPARE(gateway.counter("dns_cache.c.dns_query_attempt"), 1U);
        const QByteArray answer = answerTo(gateway, QStringLiteral("other.test"));
        QVERIFY2(answer.startsWith("HTTP/1.1 503") && answer.contains(body), answer.constData());
        QCOMPARE(gateway.counter("dns_cache.c.dns_rq_pending_overflow"), 1U);
        // Who gives up makes room.
        first.kill();
        QVERIFY(first.waitForFinished());
        QTRY_VERIFY(answerTo(gateway, QStringLiteral("127.0.0.1:1")).contains("connection failure"));
    }

    /// A host without a port means this one.
    void dynamicPort()
    {
        Peer host(answerEach);
        const QString state = QStringLiteral(R"({"name": "s", "typed_config": {%1, "on_request_headers": [{
                "object_key": "envoy.upstream.dynamic_port",
                "format_string": {"text_format_source": {"inline_string": "%2"}}}]}},)")
                                  .arg(type("envoy.extensions.filters.http.set_filter_state.v3.Config"))
                                  .arg(host.port);
        RunningServer gateway(
            m_names.added(bootstrap(listener("in", 0, httpChain(true, state)), dynamicCluster())));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        QVERIFY(answerTo(gateway, QStringLiteral("somebody.test")).startsWith("HTTP/1.1 200"));
        QCOMPARE(host.connections.load(), 1);
        // The request's own port counts more.
        QVERIFY(answerTo(gateway, QStringLiteral("somebody.test:1")).startsWith("HTTP/1.1 503"));
    }

    void sniNamesTheHost()
    {
        const TestPki pki;
        Peer host(Peer::echo);
        const QString sni =
            filter("envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig",
                   Cache + QStringLiteral(R"(, "port_value": %1)").arg(host.port));
        RunningServer gateway(
            bootstrap(listener("in", 0, chain(sni + ',' + tcpProxy(R"("cluster": "dfp")")),
                               listenerFilters(listenerFilter("tls_inspector", "TlsInspector"))),
                      dynamicCluster()));
        QVERIFY2(gateway.started, gateway.started ? "" : gateway.started.error().toString().c_str());
        QTRY_VERIFY(gateway.live);
        ChildProgram openssl({"openssl", "s_client", "-connect",
                              QString("127.0.0.1:%1").arg(gateway.port("in")), "-servername", "localhost"});
        QTRY_COMPARE(host.connections.load(), 1);
    }
};

SALLYPORT_EPOLL_MAIN(TestDynamicForwardProxy)
#include "test_dynamic_forward_proxy.moc"
