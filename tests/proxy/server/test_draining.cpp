// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/server/running_server.h"

using namespace bootstrap_text;

/// What goes on under an old configuration, or while the gateway ends, and for how long.
class TestDraining : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void oldConnectionsGoOnUntilTheDrainEnds()
    {
        Peer up(Peer::echo);
        const quint16 port = freePort();
        auto options = RunningServer::options(1);
        options.commandLine.drainTime = std::chrono::seconds(1);
        RunningServer gateway(bootstrap(listener("in", port, chain(tcpProxy())), cluster("up", {up.port})),
                              options);
        QTRY_VERIFY(gateway.live);
        Client client(port);
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        QVERIFY(gateway.apply(
            bootstrap(listener("in", port, chain(directResponse("new"))), cluster("up", {up.port}))));
        QCOMPARE(Client(port).readAll(), std::string("new"));
        client.send("b");
        QCOMPARE(client.read(1), std::string("b"));
        QCOMPARE(gateway.gauge("listener_manager.total_filter_chains_draining"), 1);
        QTRY_VERIFY(!client.isQuiet());
        QCOMPARE(client.readAll(), std::string());
        QTRY_COMPARE(gateway.gauge("listener_manager.total_filter_chains_draining"), 0);
    }

    void onlyChangedChainsDrain()
    {
        Peer up(Peer::echo);
        const auto text = [&](const char *answer) {
            return bootstrap(
                listener("in", 0,
                         chain(tcpProxy(), R"("name": "echo", "filter_chain_match": {"source_prefix_ranges":
                                             [{"address_prefix": "127.0.5.0", "prefix_len": 24}]})") +
                             ',' + chain(directResponse(answer))),
                cluster("up", {up.port}));
        };
        RunningServer gateway(text("old"));
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        Client client(port, "127.0.5.1");
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        QVERIFY(gateway.apply(text("new")));
        QCOMPARE(Client(port).readAll(), std::string("new"));
        QCOMPARE(gateway.port("in"), port);
        QCOMPARE(gateway.counter("listener_manager.listener_in_place_updated"), 1U);
        QCOMPARE(gateway.gauge("listener_manager.total_filter_chains_draining"), 1);
        client.send("b");
        QCOMPARE(client.read(1), std::string("b"));
    }

    void stopWaitsForWhatRuns()
    {
        Peer up(Peer::echo);
        RunningServer gateway(bootstrap(listener("in", 0, chain(tcpProxy())), cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        const quint16 port = gateway.port("in");
        Client client(port);
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        gateway.server.stop(std::chrono::seconds(30));
        QCOMPARE(gateway.server.lifecycle(), sallyport::admin::Lifecycle::Draining);
        QTRY_VERIFY(!Client(port).connected);
        client.send("b");
        QCOMPARE(client.read(1), std::string("b"));
        QVERIFY(!gateway.ended);
        QVERIFY(!gateway.apply(bootstrap({}, {})));
        client.close();
        QTRY_VERIFY(gateway.ended);
    }

    void stopIsBounded()
    {
        Peer up(Peer::echo);
        RunningServer gateway(bootstrap(listener("in", 0, chain(tcpProxy())), cluster("up", {up.port})));
        QTRY_VERIFY(gateway.live);
        Client client(gateway.port("in"));
        client.send("a");
        QCOMPARE(client.read(1), std::string("a"));
        gateway.server.stop(std::chrono::milliseconds(50));
        QTRY_VERIFY(gateway.ended);
    }

    void queuedConnectionsAreServedWhenItStops()
    {
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x"))), {}));
        QTRY_VERIFY(gateway.live);
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < 50; ++i)
            clients.push_back(std::make_unique<Client>(gateway.port("in")));
        gateway.server.stop(std::chrono::seconds(10));
        for (const auto &client : clients)
            QCOMPARE(client->readAll(), std::string("x"));
        QTRY_VERIFY(gateway.ended);
    }

    void drainedListenersStop()
    {
        const quint16 port = freePort();
        RunningServer gateway(
            bootstrap(listener("in", port, chain(directResponse("x")), R"("traffic_direction": "INBOUND")") +
                          ',' + listener("out", 0, chain(directResponse("y"))),
                      {}));
        QTRY_VERIFY(gateway.live);
        gateway.server.drainListeners({true, false, false});
        QTRY_VERIFY(!Client(port).connected);
        QCOMPARE(Client(gateway.port("out")).readAll(), std::string("y"));
        QCOMPARE(gateway.counter("listener_manager.listener_stopped"), 1U);
    }

    /// 8: the share of answers that close grows with the whole seconds that are gone.
    void drainShare_data()
    {
        QTest::addColumn<int>("drainTime");
        QTest::addColumn<int>("left");   ///< milliseconds to the deadline
        QTest::addColumn<int>("closes"); ///< of as many answers as the drain time has seconds
        const auto row = [](const char *name, int drainTime, int left, int closes) {
            QTest::newRow(name) << drainTime << left << closes;
        };
        // A ramp of four seconds, whose deadline comes a moment before the fifth is over.
        row("8 in the first second", 4, 4999, 0);
        row("8 at its end", 4, 4000, 0);
        row("8 in the second second", 4, 3999, 1);
        row("8 after one", 4, 3000, 1);
        row("8 after a little more", 4, 2999, 2);
        row("8 in the last second", 4, 999, 4);
        row("8 after the deadline", 4, 0, 4);
        row("8 long after", 600, -5000, 600);
        row("8 of ten minutes a half", 600, 300000, 300);
        row("8 no drain time", 0, 100000, 1);
    }
    void drainShare()
    {
        QFETCH(int, drainTime);
        QFETCH(int, left);
        QFETCH(int, closes);
        using sallyport::net::Clock;
        const Clock::time_point now = Clock::now();
        sallyport::server::DrainState state;
        QVERIFY(!state.closes(now, 0));
        state.drainSeconds = drainTime;
        state.deadline = (now + std::chrono::milliseconds(left)).time_since_epoch().count();
        int closing = 0;
        for (int random = 0; random < std::max(drainTime, 1); ++random)
            closing += state.closes(now, static_cast<std::uint64_t>(random)) ? 1 : 0;
        QCOMPARE(closing, closes);
        state.deadline = 0;
        QVERIFY(!state.closes(now, 0));
        state.always = true;
        QVERIFY(state.closes(now, 0));
    }

    void healthcheckFailureIsADrain()
    {
        RunningServer gateway(bootstrap(listener("in", 0, chain(directResponse("x"))), {}));
        QTRY_VERIFY(gateway.live);
        gateway.server.setHealthcheckFailed(true);
        QCOMPARE(gateway.server.lifecycle(), sallyport::admin::Lifecycle::Draining);
        QCOMPARE(gateway.gauge("server.live"), 0);
        QCOMPARE(Client(gateway.port("in")).readAll(), std::string("x"));
        gateway.server.setHealthcheckFailed(false);
        QCOMPARE(gateway.server.lifecycle(), sallyport::admin::Lifecycle::Live);
    }
};

SALLYPORT_EPOLL_MAIN(TestDraining)
#include "test_draining.moc"
