// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

/// The overload manager, with a resource whose pressure the test sets. What requests and connections meet is
/// in the golden vectors `http1-overload-…` and `tcp-overload-connections`.
class TestOverloadManager : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    /// As Envoy wants it: the file is replaced, not written.
    void setPressure(const QByteArray &text) const
    {
        const QString path = m_folder.filePath(QStringLiteral("pressure"));
        QFile next(path + QStringLiteral(".next"));
        QVERIFY(next.open(QIODevice::WriteOnly));
        next.write(text);
        next.close();
        QVERIFY(std::rename(qPrintable(next.fileName()), qPrintable(path)) == 0);
    }
    QByteArray withManager(const QString &action, const QString &trigger) const
    {
        const QString listeners = listener("in", 0, chain(directResponse("hello"))) + QStringLiteral(", ") +
                                  listener("bypass", 0, chain(directResponse("hello")),
                                           QStringLiteral(R"("bypass_overload_manager": true)"));
        const QString manager =
            QStringLiteral(R"({"overload_manager": {"refresh_interval": "0.01s", "resource_monitors": [{
                "name": "file", "typed_config": {%1, "filename": "%2"}}], "actions": [{
                "name": "envoy.overload_actions.%3", "triggers": [{"name": "file", %4}]}]}, )")
                .arg(type("envoy.extensions.resource_monitors.injected_resource.v3.InjectedResourceConfig"),
                     m_folder.filePath(QStringLiteral("pressure")), action, trigger);
        return bootstrap(listeners, {}).replace(0, 1, manager.toUtf8());
    }
    static constexpr const char *resource = "overload.file.";

private Q_SLOTS:
    void connectionsWait()
    {
        setPressure("1\n");
        const QByteArray text = withManager(QStringLiteral("stop_accepting_connections"),
                                            QStringLiteral(R"("threshold": {"value": 0.9})"));
        RunningServer gateway(text);
        QTRY_VERIFY(gateway.live);
        QTRY_COMPARE(gateway.gauge("overload.envoy.overload_actions.stop_accepting_connections.active"), 1);
        QCOMPARE(gateway.gauge(std::string(resource) + "pressure"), 100);
        Client waiting(gateway.port("in"));
        Client other(gateway.port("bypass"));
        QCOMPARE(other.readAll(), std::string("hello"));
        QCOMPARE(gateway.counter("listener.127.0.0.1_0.downstream_cx_total"), 1U);
        setPressure("0.5");
        QTRY_COMPARE(gateway.gauge("overload.envoy.overload_actions.stop_accepting_connections.active"), 0);
        QCOMPARE(waiting.readAll(), std::string("hello"));
    }

    void anotherConfigurationEndsIt()
    {
        setPressure("1");
        RunningServer gateway(withManager(QStringLiteral("stop_accepting_connections"),
                                          QStringLiteral(R"("threshold": {"value": 1})")));
        QTRY_VERIFY(gateway.live);
        QTRY_COMPARE(gateway.gauge("overload.envoy.overload_actions.stop_accepting_connections.active"), 1);
        Client waiting(gateway.port("in"));
        QVERIFY(gateway.apply(withManager(QStringLiteral("disable_http_keepalive"),
                                          QStringLiteral(R"("threshold": {"value": 1})"))));
        QCOMPARE(waiting.readAll(), std::string("hello"));
    }

    void scaledTriggersActInParts()
    {
        setPressure("0.7");
        RunningServer gateway(withManager(
            QStringLiteral("disable_http_keepalive"),
            QStringLiteral(R"("scaled": {"scaling_threshold": 0.5, "saturation_threshold": 0.9})")));
        QTRY_VERIFY(gateway.live);
        const std::string action = "overload.envoy.overload_actions.disable_http_keepalive.";
        QTRY_COMPARE(gateway.gauge(action + "scale_percent"),
                     49); // of floating point: 0.2 / 0.4 is below a half
        QCOMPARE(gateway.gauge(action + "active"), 0);
        setPressure("0.95");
        QTRY_COMPARE(gateway.gauge(action + "scale_percent"), 100);
        QTRY_COMPARE(gateway.gauge(action + "active"), 1);
        setPressure("0.5");
        QTRY_COMPARE(gateway.gauge(action + "scale_percent"), 0);
    }

    void whatCannotBeReadCounts()
    {
        setPressure("0.5");
        RunningServer gateway(withManager(QStringLiteral("disable_http_keepalive"),
                                          QStringLiteral(R"("threshold": {"value": 1})")));
        QTRY_VERIFY(gateway.live);
        QTRY_COMPARE(gateway.gauge(std::string(resource) + "pressure"), 50);
        QCOMPARE(gateway.counter(std::string(resource) + "failed_updates"), 0U);
        setPressure("1.5");
        QTRY_VERIFY(gateway.counter(std::string(resource) + "failed_updates") > 0);
        QCOMPARE(gateway.gauge(std::string(resource) + "pressure"), 50);
    }
};

SALLYPORT_EPOLL_MAIN(TestOverloadManager)
#include "test_overload_manager.moc"
