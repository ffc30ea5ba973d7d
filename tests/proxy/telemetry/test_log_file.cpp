// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/log_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <barrier>

using namespace sallyport::telemetry;
using namespace std::chrono_literals;

namespace {

QList<QByteArray> linesOf(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QList<QByteArray> lines = file.readAll().split('\n');
    lines.removeLast(); // behind the last newline
    return lines;
}

} // namespace

/// Several workers write into one file.
class TestLogFile : public QObject
{
    Q_OBJECT

    QTemporaryDir m_folder;

    QString path() const { return m_folder.filePath(QString::fromLatin1(QTest::currentTestFunction())); }

private Q_SLOTS:
    void cleanup() { setWorkerIndex(0); }

    /// Whoever writes after another has written stands behind him, whichever worker it is and whenever the
    /// file's own thread looks.
    void linesStandInTheOrderOfTheirWriting()
    {
        constexpr unsigned workers = 4;
        constexpr int rounds = 4000;
        {
            LogFile file(path().toStdString(), 1ms);
            std::atomic<int> turn{0};
            std::vector<std::thread> threads;
            for (unsigned worker = 0; worker < workers; ++worker) {
                threads.emplace_back([&, worker] {
                    setWorkerIndex(worker + 1);
                    for (int line = static_cast<int>(worker); line < rounds; line += workers) {
                        while (turn.load(std::memory_order_acquire) != line)
                            std::this_thread::yield();
                        file.write(std::to_string(line) + '\n');
                        turn.store(line + 1, std::memory_order_release);
                    }
                });
            }
            for (std::thread &thread : threads)
                thread.join();
            QCOMPARE(file.counts().buffered, std::uint64_t(rounds));
        }
        const QList<QByteArray> lines = linesOf(path());
        QCOMPARE(lines.size(), rounds);
        for (int i = 0; i < rounds; ++i)
            QCOMPARE(lines[i].toInt(), i);
    }

    void nothingIsLostWhenAllWriteAtOnce()
    {
        constexpr unsigned workers = 8;
        constexpr int each = 5000;
        {
            LogFile file(path().toStdString(), 1ms);
            std::barrier start(workers);
            std::vector<std::thread> threads;
            for (unsigned worker = 0; worker < workers; ++worker) {
                threads.emplace_back([&, worker] {
                    setWorkerIndex(worker + 1);
                    start.arrive_and_wait();
                    for (int i = 0; i < each; ++i)
                        file.write(std::to_string(worker) + ' ' + std::to_string(i) + ' ' +
                                   std::string(static_cast<std::size_t>(i % 300), 'x') + '\n');
                });
            }
            for (std::thread &thread : threads)
                thread.join();
            QCOMPARE(file.lost(), std::uint64_t(0));
        }
        std::vector<int> next(workers, 0);
        for (const QByteArray &line : linesOf(path())) {
            const QList<QByteArray> parts = line.split(' ');
            QCOMPARE(parts.size(), 3);
            int &expected = next[parts[0].toUInt()];
            QCOMPARE(parts[1].toInt(), expected);
            QCOMPARE(parts[2].size(), expected % 300);
            ++expected;
        }
        QCOMPARE(next, std::vector<int>(workers, each));
    }

    void flushBringsAllThatWasWrittenBefore()
    {
        LogFile file(path().toStdString(), 1h);
        for (int i = 1; i <= 50; ++i) {
            setWorkerIndex(static_cast<unsigned>(i % 3));
            file.write("line\n");
            file.flush();
            QCOMPARE(linesOf(path()).size(), i);
        }
        QCOMPARE(file.counts().pendingBytes, std::uint64_t(0));
        QCOMPARE(file.counts().completed, std::uint64_t(50));
    }

    /// filesystem.write_total_buffered: bytes that wait for the timer or for enough of them.
    void whatWaitsIsCounted()
    {
        LogFile file(path().toStdString(), 1h);
        setWorkerIndex(1);
        file.write("line\n");
        setWorkerIndex(2);
        file.write("another\n");
        QCOMPARE(file.counts().pendingBytes, std::uint64_t(13));
        QCOMPARE(file.counts().buffered, std::uint64_t(2));
        QCOMPARE(file.counts().completed, std::uint64_t(0));
        QVERIFY(linesOf(path()).isEmpty());
        file.flush();
        QCOMPARE(file.counts().pendingBytes, std::uint64_t(0));
        QCOMPARE(file.counts().flushedByTimer, std::uint64_t(0));
    }

    /// filesystem.flushed_by_timer: whoever does not flush sees lines after the interval.
    void theTimerFlushes()
    {
        LogFile file(path().toStdString(), 1ms);
        file.write("line\n");
        QTRY_COMPARE(linesOf(path()), QList<QByteArray>{"line"});
        QTRY_VERIFY(file.counts().flushedByTimer > 0);
        QCOMPARE(file.counts().pendingBytes, std::uint64_t(0));
    }

    void aFullDiskLosesLinesAndCountsThem()
    {
        LogFile file("/dev/full", 1h);
        for (int i = 0; i < 10; ++i)
            file.write("line\n");
        file.flush();
        QCOMPARE(file.lost(), std::uint64_t(10));
        QCOMPARE(file.counts().failed, std::uint64_t(1));
    }

    void reopeningFollowsARotation()
    {
        LogFile file(path().toStdString(), 1h);
        file.write("old\n");
        file.flush();
        QVERIFY(QFile::rename(path(), path() + QStringLiteral(".1")));
        file.reopen();
        file.write("new\n");
        file.flush();
        QCOMPARE(linesOf(path()), QList<QByteArray>{"new"});
        QCOMPARE(linesOf(path() + QStringLiteral(".1")), QList<QByteArray>{"old"});
    }
};

QTEST_GUILESS_MAIN(TestLogFile)
#include "test_log_file.moc"
