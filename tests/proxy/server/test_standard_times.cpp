// SPDX-License-Identifier: GPL-3.0-or-later
// How long a connection manager waits when nobody says so (envoy-behaviour.md 2.5, 9.1): times too long for a
// test to wait for. What each does is tested with shorter ones.
#include "core/dataplane/bootstrap.h"
#include "proxy/net/secret_store.h"
#include "proxy/server/http_manager.h"
#include "proxy/upstream/cluster_manager.h"
#include "tests/proxy/net/epoll_main.h"

#include <QtTest>

using namespace sallyport;
using namespace std::chrono_literals;

class TestStandardTimes : public QObject
{
    Q_OBJECT

    static std::shared_ptr<const server::HttpManager> manager(const QByteArray &more)
    {
        static telemetry::StatsStore stats;
        static telemetry::LogFiles logs;
        static net::SecretStore secrets;
        static const auto clusters = upstream::ClusterSet::create({}, stats, secrets, {}, nullptr);
        static const dataplane::Bootstrap::Node node;
        const auto bootstrap = dataplane::parseBootstrap(
            R"({"static_resources": {"listeners": [{"name": "l", "address": {"socket_address": {"address":
            "127.0.0.1", "port_value": 0}}, "filter_chains": [{"filters": [{"name": "h", "typed_config":
            {"@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
            "stat_prefix": "s", "upgrade_configs": [{"upgrade_type": "websocket"}], "route_config":
            {"virtual_hosts": []}, "http_filters": [{"name": "r", "typed_config": {"@type":
            "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}])" +
            more + "}}]}]}]}}");
        if (!bootstrap)
            qFatal("%s", bootstrap.error().toString().c_str());
        const auto &filter = bootstrap->listeners.at(0).filterChains.at(0).filters.at(0);
        const auto made = server::HttpManager::create(
            std::get<dataplane::HttpConnectionManager>(filter.config),
            {stats, logs, nullptr, **clusters, "l", dataplane::TrafficDirection::Unspecified, node, nullptr});
        if (!made)
            qFatal("%s", made.error().toString().c_str());
        return *made;
    }

private Q_SLOTS:
    void whatNobodySet()
    {
        const auto standard = manager({});
        // An idle websocket dies after five minutes.
        QVERIFY(standard->streamIdleTimeout == 5min);
        QVERIFY(standard->idleTimeout == 1h);
        QVERIFY(standard->drainTimeout == 5s);
        QVERIFY(standard->delayedCloseTimeout == 1s);
        // None at all.
        QVERIFY(standard->requestTimeout == 0s);
        QVERIFY(standard->requestHeadersTimeout == 0s);
        QVERIFY(standard->maxStreamDuration == 0s);
        QVERIFY(standard->maxConnectionDuration == 0s);
    }

    void whatSomebodySet()
    {
        QVERIFY(manager(R"(, "stream_idle_timeout": "0s")")->streamIdleTimeout == 0s);
        QVERIFY(manager(R"(, "stream_idle_timeout": "0.0001s")")->streamIdleTimeout == 1ms);
        QVERIFY(manager(R"(, "common_http_protocol_options": {"idle_timeout": "7s"})")->idleTimeout == 7s);
    }
};

SALLYPORT_EPOLL_MAIN(TestStandardTimes)
#include "test_standard_times.moc"
