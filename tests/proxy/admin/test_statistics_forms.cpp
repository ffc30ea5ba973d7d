// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/admin/histogram_text.h"
#include "proxy/admin/stat_tags.h"
#include "proxy/telemetry/stats.h"

#include <QtTest>

using namespace sallyport;

/// envoy-behaviour.md 6.6 and 6.8, and what Envoy 1.40 printed for the same names.
class TestStatisticsForms : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tags_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("left");
        QTest::addColumn<QString>("tags");
        const auto row = [](const char *name, const char *left, const char *tags) {
            QTest::newRow(name) << QString(name) << QString(left) << QString(tags);
        };
        row("cluster.foo.upstream_rq_total", "cluster.upstream_rq_total", "envoy.cluster_name=foo");
        row("cluster.foo.upstream_rq_200", "cluster.upstream_rq",
            "envoy.response_code=200,envoy.cluster_name=foo");
        row("cluster.foo.external.upstream_rq_2xx", "cluster.external.upstream_rq_xx",
            "envoy.response_code_class=2,envoy.cluster_name=foo");
        row("cluster.outbound|80||test.com.upstream_rq_200", "cluster.com.upstream_rq",
            "envoy.response_code=200,envoy.cluster_name=outbound|80||test");
        row("cluster.foo.ssl.versions.TLSv1.3", "cluster.ssl.versions",
            "envoy.ssl_version=TLSv1.3,envoy.cluster_name=foo");
        row("cluster.foo.ssl.certificate.default.expiration_unix_time_seconds",
            "cluster.ssl.certificate.expiration_unix_time_seconds",
            "envoy.tls_certificate=default,envoy.cluster_name=foo");
        row("http.in.a_b.c.downstream_rq_2xx", "http.a_b.c.downstream_rq_xx",
            "envoy.response_code_class=2,envoy.http_conn_manager_prefix=in");
        row("http.in.rbac.denied", "http.rbac.denied", "envoy.http_conn_manager_prefix=in");
        row("http.in.rbac.sh_.shadow_denied", "http.rbac.shadow_denied",
            "envoy.rbac_http_prefix=sh_,envoy.http_conn_manager_prefix=in");
        row("listener.0.0.0.0_80.downstream_cx_total", "listener.downstream_cx_total",
            "envoy.listener_address=0.0.0.0_80");
        row("listener.[__]_80.downstream_cx_total", "listener.downstream_cx_total",
            "envoy.listener_address=[__]_80");
        row("listener.lst.p.http.in.downstream_rq_5xx", "listener.p.http.downstream_rq_xx",
            "envoy.response_code_class=5,envoy.http_conn_manager_prefix=in,envoy.listener_address=lst");
        row("listener.lst.p.worker_0.downstream_cx_total", "listener.p.worker_0.downstream_cx_total",
            "envoy.listener_address=lst");
        row("listener.admin.downstream_cx_total", "listener.admin.downstream_cx_total", "");
        row("listener.admin.http.admin.downstream_rq_2xx", "listener.admin.http.downstream_rq_xx",
            "envoy.response_code_class=2,envoy.http_conn_manager_prefix=admin");
        row("server.worker_0.watchdog_miss", "server.worker_watchdog_miss", "envoy.worker_id=0");
        row("tcp.p.downstream_cx_total", "tcp.downstream_cx_total", "envoy.tcp_prefix=p");
        row("lim.http_local_rate_limit.ok", "http_local_rate_limit.ok",
            "envoy.local_http_ratelimit_prefix=lim");
        row("lim.x.http_local_rate_limit.ok", "lim.x.http_local_rate_limit.ok", "");
        row("server.live", "server.live", "");
    }
    void tags()
    {
        QFETCH(QString, name);
        const admin::TaggedStat stat = admin::TagProducer().extract(name.toStdString());
        QString tags;
        for (const admin::StatTag &tag : stat.tags)
            tags += (tags.isEmpty() ? "" : ",") + QString::fromStdString(tag.name + '=' + tag.value);
        QTEST(QString::fromStdString(stat.name), "left");
        QTEST(tags, "tags");
    }

    /// What is recorded shows at the flush, not before; the samples of a bucket lie evenly inside it.
    void histograms()
    {
        telemetry::StatsStore store(1);
        telemetry::Histogram &histogram = store.histogram("h");
        for (int i = 0; i < 4; ++i)
            histogram.record(1000);
        const auto text = [&] { return admin::histogramText(histogram, {}, admin::HistogramForm::Summary); };
        QCOMPARE(text(), std::string("No recorded values"));
        store.flush();
        QCOMPARE(text(), std::string("P0(1020,1020) P25(1020,1020) P50(1040,1040) P75(1060,1060) "
                                     "P90(1080,1080) P95(1080,1080) P99(1080,1080) P99.5(1080,1080) "
                                     "P99.9(1080,1080) P100(1080,1080)"));
        store.flush();
        QVERIFY(text().starts_with("P0(nan,1020)"));
        telemetry::Histogram &pair = store.histogram("pair");
        pair.record(1);
        pair.record(1);
        store.flush();
        QVERIFY(admin::histogramText(pair, {}, admin::HistogramForm::Summary)
                    .starts_with("P0(1.0333333333333334,1.0333333333333334)"));
    }
};

QTEST_GUILESS_MAIN(TestStatisticsForms)
#include "test_statistics_forms.moc"
