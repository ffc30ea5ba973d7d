// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/design/line_diff.h"

#include <QRandomGenerator>
#include <QtTest>

using namespace sallyport::design;

namespace {

/// `-old`, `+new`, ` same`, one a line; `@` for lines left out.
std::string shown(const std::vector<DiffLine> &diff)
{
    std::string text;
    for (const DiffLine &line : diff) {
        const bool gap = line.kind == DiffLine::Kind::Same && line.before == 0;
        text += gap                                    ? "@"
                : line.kind == DiffLine::Kind::Added   ? "+"
                : line.kind == DiffLine::Kind::Removed ? "-"
                                                       : " ";
        text += line.text + '\n';
    }
    return text;
}

/// One side of a diff, from its line numbers.
std::string side(const std::vector<DiffLine> &diff, bool after)
{
    std::string text;
    int expected = 1;
    for (const DiffLine &line : diff) {
        const int number = after ? line.after : line.before;
        if (number == 0)
            continue;
        if (number != expected++)
            return "wrong number";
        text += line.text + '\n';
    }
    return text;
}

} // namespace

class TestLineDiff : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void diffs_data();
    void diffs();
    void leavesOutWhatIsFarAway();
    void bothSidesCanBeReadBack();
    void textsWithoutACommonLine();
};

void TestLineDiff::diffs_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QByteArray>("after");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char *name, const char *before, const char *after, const char *expected) {
        QTest::newRow(name) << QByteArray(before) << QByteArray(after) << QByteArray(expected);
    };
    row("equal", "a\nb\n", "a\nb\n", " a\n b\n");
    row("nothing", "", "", "");
    row("all new", "", "a\nb\n", "+a\n+b\n");
    row("all gone", "a\nb\n", "", "-a\n-b\n");
    row("one changed", "a\nb\nc\n", "a\nx\nc\n", " a\n-b\n+x\n c\n");
    row("inserted", "a\nc\n", "a\nb\nc\n", " a\n+b\n c\n");
    row("removed first", "a\nb\n", "b\n", "-a\n b\n");
    row("two places", "a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n", "-a\n+x\n b\n c\n d\n-e\n+y\n");
    row("line breaks do not count", "a\r\nb\r\n", "a\nb\n", " a\n b\n");
    row("no break at the end", "a", "a\nb", " a\n+b\n");
}

void TestLineDiff::diffs()
{
    QFETCH(QByteArray, before);
    QFETCH(QByteArray, after);
    QFETCH(QByteArray, expected);
    QCOMPARE(QByteArray::fromStdString(shown(diffLines(before.toStdString(), after.toStdString()))),
             expected);
}

void TestLineDiff::leavesOutWhatIsFarAway()
{
    const std::vector<DiffLine> diff =
        diffLines("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n");
    QCOMPARE(QByteArray::fromStdString(shown(shortened(diff, 1))), QByteArray("@\n 4\n-5\n+x\n 6\n@\n"));
    QVERIFY(shown(shortened(diffLines("a\n", "a\n"), 3)) == "@\n");
}

void TestLineDiff::bothSidesCanBeReadBack()
{
    QRandomGenerator random(7);
    for (int round = 0; round < 300; ++round) {
        std::string before;
        std::string after;
        for (std::string *text : {&before, &after}) {
            const int lines = static_cast<int>(random.bounded(12));
            for (int i = 0; i < lines; ++i)
                *text += std::string(1, static_cast<char>('a' + random.bounded(4))) + '\n';
        }
        const std::vector<DiffLine> diff = diffLines(before, after);
        QCOMPARE(side(diff, false), before);
        QCOMPARE(side(diff, true), after);
    }
}

void TestLineDiff::textsWithoutACommonLine()
{
    std::string before;
    std::string after;
    for (int i = 0; i < 3000; ++i) {
        before += "a" + std::to_string(i) + '\n';
        after += "b" + std::to_string(i) + '\n';
    }
    const std::vector<DiffLine> diff = diffLines(before, after);
    QCOMPARE(diff.size(), std::size_t(6000));
    QCOMPARE(side(diff, false), before);
    QCOMPARE(side(diff, true), after);
}

QTEST_GUILESS_MAIN(TestLineDiff)
#include "test_line_diff.moc"
