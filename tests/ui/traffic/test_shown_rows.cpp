// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/shown_rows.h"

#include <QtTest>
#include <algorithm>
#include <random>

using namespace sallyport::traffic;

namespace {

std::vector<quint64> numbers(const ShownRows &rows)
{
    std::vector<quint64> all;
    for (int row = 0; row < rows.size(); ++row)
        all.push_back(rows.at(row).number);
    return all;
}

/// What `rows` has to show of requests in the order by time.
std::vector<quint64> expected(std::vector<RequestPlace> places, bool descending)
{
    std::sort(places.begin(), places.end());
    if (descending)
        std::reverse(places.begin(), places.end());
    std::vector<quint64> all;
    for (const RequestPlace &place : places)
        all.push_back(place.number);
    return all;
}

} // namespace

class TestShownRows : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void followsTheTime_data();
    void followsTheTime();
    void aColumnsOrderStays();
};

void TestShownRows::followsTheTime_data()
{
    QTest::addColumn<bool>("descending");
    QTest::newRow("newest first") << true;
    QTest::newRow("oldest first") << false;
}

void TestShownRows::followsTheTime()
{
    QFETCH(bool, descending);
    std::mt19937 random(7);
    const auto upTo = [&random](int end) { return static_cast<int>(random() % static_cast<unsigned>(end)); };
    ShownRows rows;
    rows.reset({}, {Column::Time, descending});
    std::vector<RequestPlace> known;
    quint64 number = 0;
    quint64 firstNumber = 0;
    for (int step = 0; step < 2'000; ++step) {
        const int what = known.empty() ? 0 : upTo(10);
        if (what < 6) {
            std::vector<RequestPlace> added;
            for (int i = 0; i <= upTo(5); ++i)
                added.push_back({step * 10 - upTo(60), ++number});
            std::sort(added.begin(), added.end());
            for (std::size_t from = 0; from < added.size();) {
                const ShownRows::Run run = rows.runFor(added, from);
                rows.insert(added, from, run);
                from += static_cast<std::size_t>(run.count);
            }
            known.insert(known.end(), added.begin(), added.end());
        } else if (what < 8) {
            RequestPlace &moved = known[static_cast<std::size_t>(upTo(static_cast<int>(known.size())))];
            moved.startUs -= upTo(100);
            rows.move(rows.rowOf(moved.number).value(), moved);
        } else if (what < 9) {
            const auto gone = known.begin() + upTo(static_cast<int>(known.size()));
            rows.remove({rows.rowOf(gone->number).value(), 1});
            QVERIFY(!rows.rowOf(gone->number));
            known.erase(gone);
        } else if (number > 200) {
            firstNumber = number - 200;
            while (const auto run = rows.lastBefore(firstNumber))
                rows.remove(*run);
            std::erase_if(known, [&](const RequestPlace &place) { return place.number < firstNumber; });
        }
        QCOMPARE(numbers(rows), expected(known, descending));
    }
}

void TestShownRows::aColumnsOrderStays()
{
    ShownRows rows;
    rows.reset({{30, 1}, {10, 9}, {20, 4}}, {Column::Path, true});
    QCOMPARE(numbers(rows), std::vector<quint64>({1, 9, 4}));
    QCOMPARE(rows.rowOf(9).value(), 1);
    rows.removeBefore(4);
    QCOMPARE(numbers(rows), std::vector<quint64>({9, 4}));
}

QTEST_APPLESS_MAIN(TestShownRows)
#include "test_shown_rows.moc"
