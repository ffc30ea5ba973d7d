// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/bootstrap.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

/// Fields of Envoy's that would change what a gateway answers or logs, and that this one does not have, are
/// refused with their JSON path (design.md, idea 2). Switches that are off change nothing.
class TestRefusedFields : public QObject
{
    Q_OBJECT

    static QByteArray bootstrap(const QString &listener, const QString &cluster, const QString &top)
    {
        const auto more = [](const QString &fields) { return fields.isEmpty() ? QString() : ", " + fields; };
        return QStringLiteral(
                   R"({"static_resources": {"listeners": [{"name": "l", "address": {"socket_address":
            {"address": "127.0.0.1", "port_value": 1}}, "filter_chains": [{"filters": []}]%1}],
            "clusters": [{"name": "c", "connect_timeout": "1s"%2}]}%3})")
            .arg(more(listener), more(cluster), more(top))
            .toUtf8();
    }

private Q_SLOTS:
    void refused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("path");
        const auto row = [](const char *name, const QByteArray &text, const char *path) {
            QTest::newRow(name) << text << QString(path);
        };
        row("overload manager", bootstrap({}, {}, R"("overload_manager": {"resource_monitors": []})"),
            "overload_manager");
        row("socket options", bootstrap(R"("socket_options": [{"level": 1}])", {}, {}),
            "static_resources.listeners[0].socket_options");
        row("network filters of a cluster", bootstrap({}, R"("filters": [{"name": "f"}])", {}),
            "static_resources.clusters[0].filters");
        row("protocol of the client", bootstrap({}, R"("protocol_selection": "USE_DOWNSTREAM_PROTOCOL")", {}),
            "static_resources.clusters[0].protocol_selection");
        row("degraded hosts", bootstrap({}, R"("outlier_detection": {"detect_degraded_hosts": true})", {}),
            "static_resources.clusters[0].outlier_detection.detect_degraded_hosts");
    }
    void refused()
    {
        QFETCH(QByteArray, text);
        QFETCH(QString, path);
        const Result<Bootstrap> parsed = parseBootstrap(text);
        QVERIFY(!parsed);
        QCOMPARE(QString::fromStdString(parsed.error().where.file), path);
        QVERIFY2(parsed.error().what.find("not supported") != std::string::npos, parsed.error().what.c_str());
    }

    void whatIsOffChangesNothing()
    {
        const Result<Bootstrap> parsed =
            parseBootstrap(bootstrap(R"("socket_options": [], "drain_type": "MODIFY_ONLY")",
                                     R"("outlier_detection": {"detect_degraded_hosts": false})", {}));
        QVERIFY2(parsed, parsed ? "" : parsed.error().toString().c_str());
        QCOMPARE(parsed->listeners.front().drainType, Listener::DrainType::ModifyOnly);
    }
};

QTEST_APPLESS_MAIN(TestRefusedFields)
#include "test_refused_fields.moc"
