// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/metrics/metrics_panel.h"
#include "ui/metrics/proxy_charts.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QLineEdit>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::metrics;

class TestMetricsPanel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression("^(?!This plugin does not support)")); }
    void chartsOfEachProxy();
    void theSelectionIsShown();
    void readsOutByPointerAndKeys();
    void pauses();
    void statistics();

private:
    void feed(MetricsPanel &panel, int from, int to);

    theme::Theme m_theme{*qApp};
    session::ProjectSession m_project;
    session::LabSession m_lab{m_project, {}};
    session::Selection m_selection;
    session::Context m_context{m_project, m_lab, m_selection};
};

void TestMetricsPanel::feed(MetricsPanel &panel, int from, int to)
{
    for (int i = from; i < to; ++i) {
        QList<control::StatsSnapshot> batch;
        for (const char *proxy : {"primary:default/sleep", "primary:istio-system/istio-egressgateway"})
            batch.append(
                {proxy,
                 proxy,
                 i * Q_INT64_C(500'000),
                 i == 0,
                 {{"http.a.downstream_rq_completed", i * 10}, {"cluster.c.upstream_rq_total", i * 10}},
                 {{"http.a.downstream_rq_time", quint64(i), {1, 2, 3, 4}, {1, 2, 3, 4}}}});
        Q_EMIT m_lab.statsChanged(batch);
    }
    Q_UNUSED(panel)
}

void TestMetricsPanel::chartsOfEachProxy()
{
    MetricsPanel panel(m_context);
    panel.resize(900, 500);
    panel.show();
    QVERIFY(panel.findChild<theme::EmptyState *>("metricsEmpty")->isVisible());
    feed(panel, 0, 20);
    QCOMPARE(panel.findChildren<ProxyCharts *>().size(), 2);
    QVERIFY(!panel.findChild<theme::EmptyState *>("metricsEmpty")->isVisible());
    for (MetricChart *chart : panel.findChildren<MetricChart *>()) {
        QVERIFY(!chart->accessibleName().isEmpty());
        QVERIFY(!chart->grab().isNull());
    }
    // The rate is told without eyes, too.
    const MetricChart *requests = panel.findChildren<MetricChart *>().first();
    QVERIFY2(requests->accessibleDescription().contains("20"), qPrintable(requests->accessibleDescription()));
    panel.findChild<QAction *>("metricsCopy")->trigger();
    const QString text = QGuiApplication::clipboard()->text();
    QVERIFY(text.contains("primary:default/sleep"));
    QVERIFY(text.contains("time\tLatency p50\tLatency p90\tLatency p99"));
    panel.findChild<QAction *>("metricsClear")->trigger();
    QVERIFY(panel.findChild<theme::EmptyState *>("metricsEmpty")->isVisible());
}

void TestMetricsPanel::theSelectionIsShown()
{
    MetricsPanel panel(m_context);
    feed(panel, 0, 3);
    m_selection.set(session::NodeSelection{"primary:default/sleep"});
    for (const ProxyCharts *charts : panel.findChildren<ProxyCharts *>())
        QCOMPARE(charts->findChild<QToolButton *>()->isChecked(), charts->proxy() == "primary:default/sleep");
    for (const ProxyCharts *charts : panel.findChildren<ProxyCharts *>()) {
        if (charts->proxy().endsWith("egressgateway"))
            charts->findChild<QToolButton *>()->click();
    }
    QCOMPARE(m_selection.as<session::NodeSelection>()->name, "primary:istio-system/istio-egressgateway");
    m_selection.clear();
}

void TestMetricsPanel::readsOutByPointerAndKeys()
{
    MetricsPanel panel(m_context);
    panel.resize(900, 500);
    panel.show();
    feed(panel, 0, 100);
    MetricChart *chart = panel.findChildren<MetricChart *>().first();
    chart->setFocus();
    const QString now = chart->accessibleDescription();
    QTest::keyClick(chart, Qt::Key_Left);
    QTest::keyClick(chart, Qt::Key_Left);
    QVERIFY(!chart->grab().isNull());
    QTest::keyClick(chart, Qt::Key_Escape);
    QCOMPARE(chart->accessibleDescription(), now);
    // A moment before there was anything to tell.
    const QPointF at(1, chart->height() / 2.0);
    QMouseEvent move(QEvent::MouseMove, at, chart->mapToGlobal(at), Qt::NoButton, Qt::NoButton,
                     Qt::NoModifier);
    QCoreApplication::sendEvent(chart, &move);
    QVERIFY2(chart->accessibleDescription().contains("–"), qPrintable(chart->accessibleDescription()));
}

void TestMetricsPanel::pauses()
{
    MetricsPanel panel(m_context);
    feed(panel, 0, 10);
    MetricChart *chart = panel.findChildren<MetricChart *>().first();
    const QString before = chart->text();
    panel.findChild<QAction *>("metricsPause")->setChecked(true);
    feed(panel, 10, 20);
    QCOMPARE(chart->text(), before);
    panel.findChild<QAction *>("metricsPause")->setChecked(false);
    QVERIFY(chart->text() != before);
}

void TestMetricsPanel::statistics()
{
    MetricsPanel panel(m_context);
    feed(panel, 0, 3);
    panel.showStatistics("cluster egress");
    auto *table = panel.findChild<QTableView *>("metricsTable");
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, StatisticModel::Value).data().toString(), "20");
    panel.findChild<QAction *>("metricsMark")->trigger();
    feed(panel, 3, 4);
    QCOMPARE(table->model()->index(0, StatisticModel::Delta).data().toString(), "+10");
    panel.findChild<QAction *>("metricsCopy")->trigger();
    QCOMPARE(QGuiApplication::clipboard()->text(),
             "cluster.c.upstream_rq_total\tistio-egressgateway\t30\t+10\t20");
    panel.findChild<QLineEdit *>("metricsFilter")->clear();
    QCOMPARE(table->model()->rowCount(), 6);
}

QTEST_MAIN(TestMetricsPanel)
#include "test_metrics_panel.moc"
