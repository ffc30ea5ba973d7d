// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/peers.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

using namespace sallyport::net;
using namespace std::chrono_literals;

class TestConnection : public QObject
{
    Q_OBJECT

    EpollDispatcher &dispatcher() { return *EpollDispatcher::current(); }

private Q_SLOTS:
    void keepalive_data()
    {
        QTest::addColumn<bool>("asked");
        QTest::addColumn<QList<int>>("values"); ///< probes, idle time, interval; 0: the system's
        QTest::newRow("none") << false << QList<int>{0, 0, 0};
        QTest::newRow("with the system's values") << true << QList<int>{0, 0, 0};
        QTest::newRow("all") << true << QList<int>{3, 61, 7};
        QTest::newRow("only the idle time") << true << QList<int>{0, 30, 0};
        QTest::newRow("only the probes") << true << QList<int>{5, 0, 0};
        QTest::newRow("only the interval") << true << QList<int>{0, 0, 11};
    }
    /// tcp_keepalive of a cluster's connections, as the socket has it.
    void keepalive()
    {
        QFETCH(bool, asked);
        QFETCH(QList<int>, values);
        const auto option = [](int fd, int level, int name) {
            int value = -1;
            socklen_t size = sizeof value;
            getsockopt(fd, level, name, &value, &size);
            return value;
        };
        const auto listener = listenOn(*Address::parseIp("127.0.0.1", 0));
        const auto optional = [](int value) {
            return value > 0 ? std::optional(static_cast<unsigned>(value)) : std::nullopt;
        };
        ConnectOptions options;
        if (asked)
            options.keepalive = Keepalive{optional(values[0]), optional(values[1]), optional(values[2])};
        Recorder recorder;
        auto connection =
            Connection::client(dispatcher(), localAddressOf(listener->get()), makePlainTransport(), options);
        connection->setCallbacks(&recorder);
        connection->start();
        QTRY_VERIFY(recorder.connected);
        // Its descriptor is known to the system alone.
        int fd = 3;
        while (fd < 1024 && localAddressOf(fd) != connection->addresses().local)
            ++fd;
        QVERIFY(fd < 1024);
        QCOMPARE(option(fd, SOL_SOCKET, SO_KEEPALIVE), asked ? 1 : 0);
        const int fresh = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const Descriptor owned(fresh);
        const int names[] = {TCP_KEEPCNT, TCP_KEEPIDLE, TCP_KEEPINTVL};
        for (int i = 0; i < 3; ++i)
            QCOMPARE(option(fd, IPPROTO_TCP, names[i]),
                     values[i] > 0 ? values[i] : option(fresh, IPPROTO_TCP, names[i]));
        connection->close(CloseType::NoFlush);
        dispatcher().deferredDelete(std::move(connection));
    }

    void bytesBothWays()
    {
        Pair pair;
        QVERIFY(pair.recorder.connected);
        pair.send("hello");
        QTRY_COMPARE(pair.recorder.received, std::string("hello"));
        Buffer answer(std::string_view("world"));
        pair.connection->write(answer, false);
        pair.connection->write("!");
        QVERIFY(answer.isEmpty());
        std::string got;
        QTRY_VERIFY((got += pair.take()) == "world!");
        QCOMPARE(pair.connection->bytesReceived(), std::uint64_t{5});
        QCOMPARE(pair.connection->bytesSent(), std::uint64_t{6});
    }

    void slowReaderRaisesWatermarksAndLosesNothing()
    {
        Pair pair;
        pair.connection->setBufferLimit(64 * 1024);
        std::string sent;
        for (int i = 0; i < 40; ++i) {
            const std::string piece(50'000, static_cast<char>('a' + i % 26));
            Buffer buffer(piece);
            pair.connection->write(buffer, false);
            sent += piece;
        }
        QCOMPARE(pair.recorder.highWatermarks, 1);
        QTest::qWait(5);
        QVERIFY(pair.connection->bytesToWrite() > 0);
        std::string got;
        QTRY_VERIFY((got += pair.take()).size() == sent.size());
        QVERIFY(got == sent);
        QCOMPARE(pair.recorder.lowWatermarks, 1);
    }

    void disabledReadingHoldsBytesBack()
    {
        Pair pair;
        pair.connection->readDisable(true);
        pair.connection->readDisable(true);
        pair.send("later");
        QTest::qWait(10);
        QVERIFY(pair.recorder.received.empty());
        pair.connection->readDisable(false);
        QTest::qWait(5);
        QVERIFY(pair.recorder.received.empty());
        pair.connection->readDisable(false);
        QTRY_COMPARE(pair.recorder.received, std::string("later"));
    }

    void remoteCloseIsSeenWhileReadingIsDisabled()
    {
        Pair pair;
        pair.connection->readDisable(true);
        pair.send("unread");
        pair.peer.reset();
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::RemoteClose));
        QVERIFY(pair.recorder.received.empty());
    }

    void remoteCloseWaitsForWhatCameBefore()
    {
        Pair pair;
        pair.connection->detectEarlyCloseWhenReadDisabled(false);
        pair.connection->readDisable(true);
        pair.send("unread");
        pair.peer.reset();
        QTest::qWait(10);
        QVERIFY(!pair.recorder.closed);
        QVERIFY(pair.recorder.received.empty());
        pair.connection->readDisable(false);
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::RemoteClose));
        QCOMPARE(pair.recorder.received, std::string("unread"));
    }

    void dataBeforeTheEndIsDelivered()
    {
        Pair pair;
        pair.send("last words");
        pair.peer.reset();
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::RemoteClose));
        QCOMPARE(pair.recorder.received, std::string("last words"));
    }

    void halfClose()
    {
        Pair pair;
        pair.connection->enableHalfClose(true);
        pair.send("request");
        ::shutdown(pair.peer.get(), SHUT_WR);
        QTRY_VERIFY(pair.recorder.ended);
        QVERIFY(!pair.recorder.closed);
        Buffer answer(std::string_view("answer"));
        pair.connection->write(answer, true);
        std::string got;
        QTRY_VERIFY((got += pair.take()) == "answer" && pair.eof);
        QTRY_VERIFY(pair.recorder.closed);
    }

    void closeWithFlushSendsEverything()
    {
        Pair pair;
        const std::string big(3'000'000, 'z');
        Buffer buffer(big);
        pair.connection->write(buffer, false);
        pair.connection->close(CloseType::Flush);
        QVERIFY(!pair.recorder.closed);
        std::string got;
        QTRY_VERIFY((got += pair.take()).size() == big.size() && pair.eof);
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::LocalClose));
    }

    void closeWithoutFlushStillSendsWhatFits()
    {
        Pair pair;
        Buffer buffer(std::string_view("short"));
        pair.connection->write(buffer, false);
        pair.connection->close(CloseType::NoFlush);
        QCOMPARE(pair.recorder.closed, std::optional(CloseEvent::LocalClose));
        QCOMPARE(pair.take(), std::string("short"));
        QVERIFY(pair.eof);
    }

    void delayedCloseWaitsForThePeer()
    {
        Pair pair;
        Buffer buffer(std::string_view("bye"));
        pair.connection->write(buffer, false);
        pair.connection->close(CloseType::FlushAndWait);
        QTest::qWait(20);
        QVERIFY(!pair.recorder.closed);
        pair.send("ignored");
        QTest::qWait(5);
        QVERIFY(pair.recorder.received.empty());
        QCOMPARE(pair.take(), std::string("bye"));
        pair.peer.reset();
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::RemoteClose));
        QVERIFY(!pair.connection->delayedCloseTimedOut());
    }

    void delayedCloseGivesUp()
    {
        Pair pair;
        pair.connection->setDelayedCloseTimeout(30ms);
        pair.connection->close(CloseType::FlushAndWait);
        QVERIFY(!pair.recorder.closed);
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::LocalClose));
        QVERIFY(pair.connection->delayedCloseTimedOut());
    }

    void aPeerThatNeverReadsIsGivenUp()
    {
        Pair pair;
        pair.connection->setDelayedCloseTimeout(30ms);
        Buffer buffer(std::string(5'000'000, 'q'));
        pair.connection->write(buffer, false);
        pair.connection->close(CloseType::Flush);
        QTRY_COMPARE(pair.recorder.closed, std::optional(CloseEvent::LocalClose));
    }

    void connectsOverTcpAndKnowsItsAddresses()
    {
        const auto listener = listenOn(*Address::parseIp("127.0.0.1", 0));
        QVERIFY(listener.has_value());
        const Address to = localAddressOf(listener->get());
        Recorder recorder;
        auto client = Connection::client(
            dispatcher(), to, makePlainTransport(),
            {.source = *Address::parseIp("127.0.0.9", 0), .preamble = "PRE", .keepalive = {}});
        client->setCallbacks(&recorder);
        Buffer early(std::string_view("early"));
        client->write(early, false);
        client->start();
        QTRY_VERIFY(recorder.connected);
        QCOMPARE(client->addresses().local.ipText(), std::string("127.0.0.9"));
        Address remote;
        int error = 0;
        Descriptor accepted = acceptFrom(listener->get(), remote, error);
        QVERIFY(accepted.isOpen());
        QCOMPARE(remote, client->addresses().local);
        QTest::qWait(5);
        char bytes[32];
        const auto got = ::recv(accepted.get(), bytes, sizeof bytes, 0);
        QCOMPARE(std::string(bytes, static_cast<std::size_t>(got)), std::string("PREearly"));
        client->close(CloseType::Reset);
        QTest::qWait(5);
        QCOMPARE(::recv(accepted.get(), bytes, sizeof bytes, 0), ssize_t{-1});
        QCOMPARE(errno, ECONNRESET);
    }

    void refusedConnectSaysWhy()
    {
        Address nobody;
        {
            const auto listener = listenOn(*Address::parseIp("127.0.0.1", 0), {.reusePort = false});
            nobody = localAddressOf(listener->get());
        }
        Recorder recorder;
        auto client = Connection::client(dispatcher(), nobody, makePlainTransport());
        client->setCallbacks(&recorder);
        client->start();
        QTRY_COMPARE(recorder.closed, std::optional(CloseEvent::RemoteClose));
        QCOMPARE(client->transportFailureReason(), std::string("delayed connect error: Connection refused"));
        QVERIFY(!recorder.connected);
    }

    void impossibleConnectFailsFromTheLoop()
    {
        Recorder recorder;
        auto client = Connection::client(
            dispatcher(), *Address::parseIp("127.0.0.1", 9), makePlainTransport(),
            {.source = *Address::parseIp("192.0.2.1", 0), .preamble = {}, .keepalive = {}});
        client->setCallbacks(&recorder);
        client->start();
        QVERIFY(!recorder.closed);
        QTRY_COMPARE(recorder.closed, std::optional(CloseEvent::LocalClose));
        QCOMPARE(client->transportFailureReason(),
                 std::string("failed to bind to 192.0.2.1:0: Cannot assign requested address"));
    }

    void listeningOnATakenAddressFailsWithAHint()
    {
        const auto first = listenOn(*Address::parseIp("127.0.0.1", 0), {.reusePort = false});
        const auto second = listenOn(localAddressOf(first->get()), {.reusePort = false});
        QVERIFY(!second);
        QVERIFY(second.error().what.find("Address already in use") != std::string::npos);
        QVERIFY(!second.error().hint.empty());
    }
};

SALLYPORT_EPOLL_MAIN(TestConnection)
#include "test_connection.moc"
