// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/previous_priorities.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;

/// The previous_priorities retry plug-in: which priority takes the load after which attempts. Rows: source of
/// the rule, Envoy's documentation of the plug-in (api-v3/extensions/retry/priority/previous_priorities).
class TestPreviousPriorities : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void loads_data();
    void loads();
};

void TestPreviousPriorities::loads_data()
{
    QTest::addColumn<int>("frequency");
    QTest::addColumn<QList<int>>("healthy"); ///< of a hundred hosts of each priority
    QTest::addColumn<QList<int>>("tried");   ///< priorities of the attempts, in order
    QTest::addColumn<QList<int>>("load");    ///< healthy load of each priority, in percent
    const auto row = [](const char *name, int frequency, const QList<int> &healthy, const QList<int> &tried,
                        const QList<int> &load) {
        QTest::newRow(name) << frequency << healthy << tried << load;
    };
    row("too few attempts", 2, {100, 100, 100}, {0}, {100, 0, 0});
    row("after two attempts", 2, {100, 100, 100}, {0, 0}, {0, 100, 0});
    row("the third goes as the second", 2, {100, 100, 100}, {0, 0, 1}, {0, 100, 0});
    row("after four", 2, {100, 100, 100}, {0, 0, 1, 1}, {0, 0, 100});
    row("after each attempt", 1, {100, 100, 100}, {0, 1}, {0, 0, 100});
    row("all were tried", 1, {100, 100, 100}, {0, 1, 2}, {100, 0, 0});
    row("all were tried, and again", 1, {100, 100, 100}, {0, 1, 2, 0}, {0, 100, 0});
    row("the others share", 1, {100, 50, 100}, {0}, {0, 70, 30});
    row("nobody is left elsewhere", 1, {100, 0, 0}, {0}, {100, 0, 0});
    row("nobody is anywhere", 1, {0, 0, 0}, {0}, {100, 0, 0});
}

void TestPreviousPriorities::loads()
{
    QFETCH(int, frequency);
    QFETCH(QList<int>, healthy);
    QFETCH(QList<int>, tried);
    QFETCH(QList<int>, load);
    std::vector<PriorityLoad::Members> members;
    for (const int count : std::as_const(healthy))
        members.push_back({100, static_cast<std::size_t>(count), 0});
    const PriorityLoad original = PriorityLoad::of(members, 140, 0);
    PreviousPriorities previous(static_cast<std::uint32_t>(frequency));
    const PriorityLoad *now = &original;
    for (const int priority : std::as_const(tried)) {
        previous.onTried(Host(dataplane::LbEndpoint(), dataplane::Locality(),
                              static_cast<std::uint32_t>(priority), net::Address()));
        now = &previous.loadFor(members, 140, original);
    }
    QList<int> loads;
    for (const PriorityLoad::Level &level : now->levels)
        loads.append(static_cast<int>(level.healthy));
    QCOMPARE(loads, load);
}

QTEST_GUILESS_MAIN(TestPreviousPriorities)
#include "test_previous_priorities.moc"
