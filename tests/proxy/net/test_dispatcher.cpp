// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/timer.h"
#include "tests/proxy/net/epoll_main.h"

#include <QElapsedTimer>
#include <QEventLoop>
#include <QSocketNotifier>
#include <QTcpServer>
#include <QTcpSocket>
#include <QThread>
#include <QTimer>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace sallyport::net;
using namespace std::chrono_literals;

class TestDispatcher : public QObject
{
    Q_OBJECT

    EpollDispatcher &dispatcher() { return *EpollDispatcher::current(); }

    /// Runs the event loop itself: QTest::qWait sleeps between its looks.
    static void spin(int milliseconds)
    {
        QEventLoop loop;
        QTimer::singleShot(milliseconds, &loop, &QEventLoop::quit);
        loop.exec();
    }

private Q_SLOTS:
    void isTheThreadsOwn()
    {
        QVERIFY(EpollDispatcher::current() != nullptr);
        EpollDispatcher *elsewhere = nullptr;
        std::thread([&elsewhere] { elsewhere = EpollDispatcher::current(); }).join();
        QCOMPARE(elsewhere, nullptr);
    }

    void qtTimersFire()
    {
        int shots = 0;
        QTimer repeating;
        connect(&repeating, &QTimer::timeout, this, [&shots] { ++shots; });
        repeating.start(5);
        QTRY_VERIFY(shots >= 3);
        repeating.stop();
        const int before = shots;
        QTest::qWait(20);
        QCOMPARE(shots, before);

        bool single = false;
        bool zero = false;
        QTimer::singleShot(3, this, [&single] { single = true; });
        QTimer::singleShot(0, this, [&zero] { zero = true; });
        QTRY_VERIFY(single && zero);
    }

    void qtTimerKeepsItsPace()
    {
        QTimer timer;
        QElapsedTimer clock;
        int shots = 0;
        connect(&timer, &QTimer::timeout, this, [&shots] { ++shots; });
        clock.start();
        timer.start(10);
        QVERIFY(timer.remainingTime() <= 10);
        spin(204);
        QVERIFY2(shots >= 18 && shots <= 20, qPrintable(QString::number(shots)));
        QVERIFY(clock.elapsed() >= 204);
    }

    void timerMayStopItselfInItsSlot()
    {
        auto *timer = new QTimer;
        int shots = 0;
        connect(timer, &QTimer::timeout, this, [&] {
            ++shots;
            delete timer;
        });
        timer->start(1);
        QTest::qWait(20);
        QCOMPARE(shots, 1);
    }

    void nestedLoopKeepsTimersAlive()
    {
        QTimer inner;
        int shots = 0;
        connect(&inner, &QTimer::timeout, this, [&shots] { ++shots; });
        inner.start(2);
        bool done = false;
        QTimer::singleShot(1, this, [&] {
            spin(30);
            done = true;
        });
        spin(60);
        QVERIFY(done);
        QVERIFY(shots >= 5);
    }

    void queuedCallsFromOtherThreads()
    {
        std::atomic<int> received{0};
        std::thread other([this, &received] {
            for (int i = 0; i < 1000; ++i)
                QMetaObject::invokeMethod(
                    this, [&received] { ++received; }, Qt::QueuedConnection);
        });
        QTRY_COMPARE(received.load(), 1000);
        other.join();
    }

    void postedTasksRunInOrderOnThisThread()
    {
        std::vector<int> order;
        const auto here = std::this_thread::get_id();
        bool right = true;
        EpollDispatcher *target = &dispatcher();
        std::thread other([&, target] {
            for (int i = 0; i < 500; ++i)
                target->post([&, i] {
                    right = right && std::this_thread::get_id() == here;
                    order.push_back(i);
                });
        });
        QTRY_COMPARE(order.size(), std::size_t{500});
        other.join();
        QVERIFY(right && std::is_sorted(order.begin(), order.end()));
    }

    void socketNotifiers()
    {
        int fds[2];
        QCOMPARE(pipe(fds), 0);
        QSocketNotifier reader(fds[0], QSocketNotifier::Read);
        int activated = 0;
        connect(&reader, &QSocketNotifier::activated, this, [&] {
            char byte = 0;
            QCOMPARE(::read(fds[0], &byte, 1), 1);
            ++activated;
        });
        QCOMPARE(::write(fds[1], "ab", 2), 2);
        QTRY_COMPARE(activated, 2); // level-triggered: the second byte signals again
        reader.setEnabled(false);
        QCOMPARE(::write(fds[1], "c", 1), 1);
        QTest::qWait(10);
        QCOMPARE(activated, 2);
        reader.setEnabled(true);
        QTRY_COMPARE(activated, 3);
        reader.setEnabled(false);
        ::close(fds[0]);
        ::close(fds[1]);
    }

    void ordinaryQtSocketsWork()
    {
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QByteArray echoed;
        connect(&server, &QTcpServer::newConnection, this, [&server] {
            QTcpSocket *socket = server.nextPendingConnection();
            connect(socket, &QTcpSocket::readyRead, socket, [socket] { socket->write(socket->readAll()); });
        });
        QTcpSocket client;
        client.connectToHost(QHostAddress::LocalHost, server.serverPort());
        connect(&client, &QTcpSocket::readyRead, this, [&] { echoed += client.readAll(); });
        const QByteArray sent(300'000, 'x');
        client.write(sent);
        QTRY_COMPARE(echoed, sent);
    }

    void worksOnAWorkerThread()
    {
        QThread thread;
        thread.setEventDispatcher(new EpollDispatcher);
        thread.start();
        QObject worker;
        worker.moveToThread(&thread);
        std::atomic<int> ticks{0};
        QMetaObject::invokeMethod(&worker, [&worker, &ticks] {
            auto *timer = new QTimer(&worker);
            QObject::connect(timer, &QTimer::timeout, timer, [timer, &ticks] {
                if (++ticks == 3)
                    delete timer;
            });
            timer->start(1);
        });
        QTRY_COMPARE(ticks.load(), 3);
        thread.quit();
        QVERIFY(thread.wait(2000));
    }

    void timersFireInOrderAndNeverEarly()
    {
        struct Shot
        {
            int delay;
            Clock::duration late;
        };
        std::vector<Shot> shots;
        std::vector<std::unique_ptr<Timer>> timers;
        dispatcher().updateNow();
        const auto begin = dispatcher().now();
        for (const int delay : {0, 1, 2, 63, 64, 65, 100, 127, 128, 129, 30, 5}) {
            timers.push_back(std::make_unique<Timer>(dispatcher(), [&shots, begin, delay] {
                shots.push_back({delay, Clock::now() - begin - std::chrono::milliseconds(delay)});
            }));
            timers.back()->arm(std::chrono::milliseconds(delay));
        }
        spin(150);
        QCOMPARE(shots.size(), timers.size());
        for (std::size_t i = 0; i < shots.size(); ++i) {
            QVERIFY(shots[i].late >= 0ms);
            QVERIFY2(shots[i].late < 30ms, qPrintable(QString::number(shots[i].delay)));
            QVERIFY(i == 0 || shots[i - 1].delay <= shots[i].delay);
        }
    }

    void timerCanBeMovedAndCancelled()
    {
        int shots = 0;
        Timer timer(dispatcher(), [&shots] { ++shots; });
        dispatcher().updateNow();
        timer.arm(10ms);
        timer.arm(60ms); // later: stays where it is in the wheel
        spin(30);
        QCOMPARE(shots, 0);
        QVERIFY(timer.isArmed());
        timer.arm(5ms); // sooner
        QTRY_COMPARE(shots, 1);
        QVERIFY(!timer.isArmed());
        timer.arm(5ms);
        timer.cancel();
        spin(15);
        QCOMPARE(shots, 1);
        timer.arm(1ms);
        QTRY_COMPARE(shots, 2);
    }

    void timerMayDestroyOthers()
    {
        std::unique_ptr<Timer> victim;
        bool victimRan = false;
        Timer first(dispatcher(), [&victim] { victim.reset(); });
        victim = std::make_unique<Timer>(dispatcher(), [&victimRan] { victimRan = true; });
        first.arm(5ms);
        victim->arm(6ms);
        QTest::qWait(20);
        QVERIFY(!victimRan);
    }

    void farDeadlinesDoNotWake()
    {
        int shots = 0;
        Timer far(dispatcher(), [&shots] { ++shots; });
        far.arm(std::chrono::hours(24 * 365));
        Timer near(dispatcher(), [&shots] { ++shots; });
        near.arm(20ms);
        QTRY_COMPARE(shots, 1);
        QVERIFY(far.isArmed());
    }

    void soonRunsBeforeTheNextEventAndOnce()
    {
        std::vector<int> order;
        Soon second(dispatcher(), [&order] { order.push_back(2); });
        Soon third(dispatcher(), [&order] { order.push_back(3); });
        Soon cancelled(dispatcher(), [&order] { order.push_back(99); });
        dispatcher().post([&] {
            order.push_back(1);
            second.schedule();
            second.schedule();
            third.schedule();
            cancelled.schedule();
            cancelled.cancel();
        });
        dispatcher().post([&order] { order.push_back(4); });
        QTRY_COMPARE(order.size(), std::size_t{4});
        QCOMPARE(order, (std::vector<int>{1, 2, 3, 4}));
    }

    void nextRoundLetsOthersPass()
    {
        std::vector<int> order;
        int rounds = 0;
        Soon work(dispatcher(), [] {});
        Soon *self = &work;
        Soon repeating(dispatcher(), [&] {
            order.push_back(1);
            if (++rounds < 3)
                self->scheduleNextRound();
        });
        self = &repeating;
        repeating.scheduleNextRound();
        dispatcher().post([&order] { order.push_back(2); });
        QTRY_COMPARE(rounds, 3);
        QVERIFY(order.front() == 2 || order[1] == 2);
    }

    void deferredObjectsOutliveTheirEvent()
    {
        struct Object final : Deferred
        {
            explicit Object(bool &flag)
                : gone(flag)
            {
            }
            ~Object() override { gone = true; }
            bool &gone;
        };
        bool gone = false;
        bool goneInEvent = true;
        dispatcher().post([&] {
            dispatcher().deferredDelete(std::make_unique<Object>(gone));
            goneInEvent = gone;
        });
        QTRY_VERIFY(gone);
        QVERIFY(!goneInEvent);
    }

    void unwatchedDescriptorGetsNothingMore()
    {
        struct Handler final : IoHandler
        {
            std::function<void()> run;
            int events = 0;
            void onIo(std::uint32_t) override
            {
                ++events;
                run();
            }
        };
        int first[2];
        int second[2];
        QCOMPARE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, first), 0);
        QCOMPARE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, second), 0);
        Handler a;
        Handler b;
        // Both are readable at the same wake-up: whichever comes first takes the other away.
        a.run = [&] { dispatcher().unwatch(second[0]); };
        b.run = [&] { dispatcher().unwatch(first[0]); };
        dispatcher().watch(first[0], EpollDispatcher::EdgeReadWrite & ~EPOLLOUT, &a);
        dispatcher().watch(second[0], EpollDispatcher::EdgeReadWrite & ~EPOLLOUT, &b);
        QCOMPARE(::write(first[1], "x", 1), 1);
        QCOMPARE(::write(second[1], "x", 1), 1);
        QTRY_VERIFY(a.events + b.events > 0);
        QTest::qWait(5);
        QCOMPARE(a.events + b.events, 1);
        dispatcher().unwatch(first[0]);
        dispatcher().unwatch(second[0]);
        for (const int fd : {first[0], first[1], second[0], second[1]})
            ::close(fd);
    }
};

SALLYPORT_EPOLL_MAIN(TestDispatcher)
#include "test_dispatcher.moc"
