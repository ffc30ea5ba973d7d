// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/grpc_health_message.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/upstream/checked_host.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;

/// What health checks over gRPC ask, and what they make of the frames that come back
/// (envoy-behaviour.md 4.7). Every row is what Envoy 1.40 did with the same frames.
class TestGrpcHealthChecks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void grpc_data()
    {
        QTest::addColumn<QByteArray>("answer"); ///< of each question but the first, which is answered well
        QTest::addColumn<QString>("expectedCounts");
        QTest::addColumn<int>("connections");
        // HEADERS of a gRPC answer, its trailers, messages.
        const QByteArray name = QByteArray("content-type").toHex();
        const QByteArray head = "0104"
                                "00073a737461747573"
                                "03323030"
                                "000c" +
                                name + "10" + QByteArray("application/grpc").toHex();
        const QByteArray status = "000b" + QByteArray("grpc-status").toHex();
        const QByteArray good = "0105" + status + "0130";
        const QByteArray bad = "0105" + status + "0135";
        const QByteArray serving = "0000"
                                   "0000000002"
                                   "0801";
        const auto row = [&](const char *what, const QByteArray &answer, int passed, int failed, int network,
                             int connections) {
            QTest::newRow(what) << answer
                                << QStringLiteral(
                                       "%1 passed, %2 failed, %3 of the network; %4 healthy, 0 degraded")
                                       .arg(passed)
                                       .arg(failed)
                                       .arg(network)
                                       .arg(failed > network ? 0 : 1)
                                << connections;
        };
        row("serving", head + '/' + serving + '/' + good, 3, 0, 0, 1);
        row("in two parts",
            head +
                "/0000"
                "00000000/0000"
                "020801/" +
                good,
            3, 0, 0, 1);
        row("among other fields",
            head +
                "/0000"
                "0000000007"
                "120161"
                "0801"
                "1800/" +
                good,
            3, 0, 0, 1);
        row("not serving",
            head +
                "/0000"
                "0000000002"
                "0802/" +
                good,
            1, 2, 0, 1);
        row("an empty message",
            head +
                "/0000"
                "0000000000/" +
                good,
            1, 2, 0, 1);
        row("no message", head + '/' + good, 1, 2, 0, 1);
        row("another status", head + '/' + serving + '/' + bad, 1, 2, 0, 1);
        row("two messages", head + '/' + serving + '/' + serving + '/' + good, 1, 2, 0, 1);
        row("no protobuf",
            head +
                "/0000"
                "0000000002"
                "ffff/" +
                good,
            1, 2, 0, 1);
        row("no message of gRPC's",
            head +
                "/0000"
                "0707070707/" +
                good,
            1, 2, 0, 1);
        row("an answer without trailers",
            head + "/0001"
                   "0000000002"
                   "0801",
            1, 2, 0, 1);
        row("a status alone",
            "0105"
            "00073a737461747573"
            "03353033",
            1, 2, 0, 1);
        row("the stream is reset",
            "0300"
            "00000002",
            1, 2, 2, 1);
        row("the server leaves, and answers",
            "0700"
            "00000003"
            "00000000/" +
                head + '/' + serving + '/' + good,
            3, 0, 0, 3);
        row("the server leaves in anger",
            "0700"
            "00000000"
            "00000002",
            1, 2, 2, 3);
        row("the connection ends", {}, 1, 2, 2, 3);
    }
    void grpc()
    {
        QFETCH(QByteArray, answer);
        QFETCH(QString, expectedCounts);
        QFETCH(int, connections);
        const QByteArray name = QByteArray("content-type").toHex();
        const QByteArray well = "0104"
                                "00073a737461747573"
                                "03323030"
                                "000c" +
                                name + "10" + QByteArray("application/grpc").toHex() +
                                "/0000"
                                "0000000002"
                                "0801/0105"
                                "000b" +
                                QByteArray("grpc-status").toHex() + "0130";
        const ScriptedHttp2Host server({well, answer, answer});
        dataplane::HealthCheck configured = quickCheck();
        configured.probe = dataplane::GrpcHealthCheck();
        CheckedHost run(configured, server);
        QTRY_COMPARE(server.asked(), 4);
        QCOMPARE(counts(run.info->healthChecks().front()->stats()), expectedCounts);
        QCOMPARE(server.connections(), connections);
    }

    void grpcRequests()
    {
        QCOMPARE(grpcHealthRequest({}), std::string(5, '\0'));
        QCOMPARE(grpcHealthRequest("my.Svc"), std::string("\0\0\0\0\x08\x0a\x06my.Svc", 13));
        const std::string longer = grpcHealthRequest(std::string(200, 'a'));
        QCOMPARE(longer.substr(0, 8), std::string("\0\0\0\0\xcb\x0a\xc8\x01", 8));
    }
};

SALLYPORT_EPOLL_MAIN(TestGrpcHealthChecks)
#include "test_grpc_health_checks.moc"
