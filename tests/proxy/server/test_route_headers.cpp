// SPDX-License-Identifier: GPL-3.0-or-later
// Headers that a route's own policies read and put on answers, as Envoy 1.40 does.
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

namespace {

QString httpChain()
{
    return chain(
        filter("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
               QStringLiteral(R"("stat_prefix": "in", "route_config": {"name": "r", "virtual_hosts": [
            {"name": "v", "domains": ["*"], "routes": [
              {"match": {"prefix": "/to"}, "route": {"weighted_clusters": {"clusters": [{"cluster_header": "X-To", "weight": 1}]}}},
              {"match": {"prefix": "/"}, "route": {"cluster": "up", "hash_policy": [{"cookie": {"name": "c", "ttl": "10s",
                 "path": "/p", "attributes": [{"name": "SameSite", "value": "Lax"}, {"name": "Secure"}]}}]}}]}]},
            "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {%1}}])")
                   .arg(type("envoy.extensions.filters.http.router.v3.Router"))));
}

} // namespace

class TestRouteHeaders : public QObject
{
    Q_OBJECT

    QByteArray request(const char *line, const char *headers = "")
    {
        Peer up(answerEach);
        // Only who balances by a hash asks for one.
        const QString hashing = QStringLiteral(R"("lb_policy": "RING_HASH")");
        RunningServer gateway(
            bootstrap(listener("main", freePort(), httpChain()), cluster("up", {up.port}, hashing)));
        if (!QTest::qWaitFor([&gateway] { return gateway.live; }))
            return "not live";
        Client client(gateway.port("main"));
        client.send(std::string(line) + " HTTP/1.1\r\nhost: a\r\n" + headers + "connection: close\r\n\r\n");
        return QByteArray::fromStdString(client.readAll());
    }

private Q_SLOTS:
    void cookieOfAHash()
    {
        const QByteArray answer = request("GET /");
        const qsizetype at = answer.indexOf("set-cookie: c=\"");
        QVERIFY2(at > 0, answer.constData());
        const QByteArray cookie = answer.mid(at, answer.indexOf('\r', at) - at);
        QCOMPARE(cookie.mid(cookie.indexOf(';')),
                 QByteArray("; Max-Age=10; Path=/p; SameSite=Lax; Secure; HttpOnly"));
        QVERIFY(!request("GET /", "cookie: c=mine\r\n").contains("set-cookie"));
    }
    /// However the configuration writes its name.
    void headerThatNamesTheCluster()
    {
        QVERIFY(request("GET /to", "x-to: up\r\n").startsWith("HTTP/1.1 200 "));
        QVERIFY(request("GET /to", "x-to: down\r\n").startsWith("HTTP/1.1 503 "));
    }
};

SALLYPORT_EPOLL_MAIN(TestRouteHeaders)
#include "test_route_headers.moc"
