// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/telemetry/line_buffer.h"

#include <QtTest>
#include <limits>
#include <string>

using namespace sallyport::telemetry;

/// Pieces of every size, one behind the other, are what a string of them is.
class TestLineBuffer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void putsPieces_data();
    void putsPieces();
    void putsNumbers();
    void startsAgain();
};

void TestLineBuffer::putsPieces_data()
{
    QTest::addColumn<bool>("quoted");
    QTest::newRow("as they are") << false;
    QTest::newRow("quoted") << true;
}

void TestLineBuffer::putsPieces()
{
    QFETCH(bool, quoted);
    LineBuffer line;
    std::string expected;
    for (std::size_t size = 0; size < 200; ++size) {
        // A copy of the exact size: what is read beyond it shows with AddressSanitizer.
        std::vector<char> piece(size);
        for (std::size_t i = 0; i < size; ++i)
            piece[i] = static_cast<char>('a' + (size + i) % 26);
        const std::string_view text(piece.data(), size);
        if (quoted) {
            line.putQuoted(text);
            expected += '"' + std::string(text) + '"';
        } else {
            line.put(text);
            line.put(';');
            expected += std::string(text) + ';';
        }
        QCOMPARE(line.size(), expected.size());
    }
    QCOMPARE(line.view(), std::string_view(expected));
}

void TestLineBuffer::putsNumbers()
{
    LineBuffer line;
    std::string expected;
    for (int i = 0; i < 200; ++i) {
        for (const std::uint64_t number :
             {std::uint64_t(0), std::uint64_t(10), std::numeric_limits<std::uint64_t>::max()}) {
            line.putNumber(number);
            line.put(' ');
            expected += std::to_string(number) + ' ';
        }
    }
    QCOMPARE(line.view(), std::string_view(expected));
}

void TestLineBuffer::startsAgain()
{
    LineBuffer line;
    line.put("kept, dropped");
    line.shrink(4);
    QCOMPARE(line.view(), std::string_view("kept"));
    line.put("!");
    QCOMPARE(line.view(), std::string_view("kept!"));
    line.clear();
    QCOMPARE(line.size(), std::size_t(0));
    line.put("next");
    QCOMPARE(line.view(), std::string_view("next"));
}

QTEST_APPLESS_MAIN(TestLineBuffer)
#include "test_line_buffer.moc"
