// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/buffer.h"

#include <QTest>
#include <random>

using sallyport::net::Buffer;

class TestBuffer : public QObject
{
    Q_OBJECT

    static std::string gathered(const Buffer &buffer)
    {
        iovec vectors[512];
        const int count = buffer.pieces(vectors, 512);
        std::string text;
        for (int i = 0; i < count; ++i)
            text.append(static_cast<const char *>(vectors[i].iov_base), vectors[i].iov_len);
        return text;
    }

private Q_SLOTS:
    void emptyOwnsNothing()
    {
        Buffer buffer;
        QVERIFY(buffer.isEmpty());
        QVERIFY(buffer.front().empty());
        buffer.append("abc");
        buffer.drain(3);
        QVERIFY(buffer.isEmpty());
        iovec vector;
        QCOMPARE(buffer.pieces(&vector, 1), 0);
        buffer.reserve(100);
        buffer.commit(0);
        QCOMPARE(buffer.pieces(&vector, 1), 0);
    }

    void reservedRoomIsUsed()
    {
        Buffer buffer;
        std::size_t room = 0;
        char *to = buffer.reserve(100, &room);
        QVERIFY(room >= 100);
        std::fill(to, to + 100, 'a');
        buffer.commit(100);
        QCOMPARE(buffer.toString(), std::string(100, 'a'));
        buffer.append(std::string(50'000, 'b'));
        QCOMPARE(buffer.size(), std::size_t{50'100});
        buffer.prepend("head");
        QVERIFY(buffer.startsWith("headaaa"));
        QVERIFY(!buffer.startsWith("headb"));
    }

    void findsAcrossBlocks()
    {
        Buffer buffer;
        const std::string filler(Buffer::BlockSize * 2, 'x');
        Buffer second(std::string_view("\n\r\nrest"));
        buffer.append(filler);
        buffer.append("\r");
        Buffer big(std::string(3000, 'y'));
        buffer.move(big);
        buffer.append("\r");
        buffer.move(second);
        QCOMPARE(buffer.find("\r\n\r\n"), filler.size() + 1 + 3000);
        QCOMPARE(buffer.find("rest", 10), filler.size() + 1 + 3000 + 4);
        QCOMPARE(buffer.find("absent"), Buffer::npos);
        QCOMPARE(buffer.find("aab"), Buffer::npos);
        Buffer repeating(std::string_view("aaab"));
        QCOMPARE(repeating.find("aab"), std::size_t{1});
    }

    void sameAsAStringUnderRandomUse()
    {
        std::mt19937 random(7);
        const auto upTo = [&random](std::size_t limit) {
            return static_cast<std::size_t>(random() % (limit + 1));
        };
        Buffer one;
        Buffer two;
        std::string first;
        std::string second;
        char next = 'a';
        for (int step = 0; step < 20'000; ++step) {
            const std::size_t size = upTo(10) == 0 ? upTo(40'000) : upTo(300);
            switch (upTo(9)) {
            case 0:
            case 1: {
                const std::string text(size, next = next == 'z' ? 'a' : static_cast<char>(next + 1));
                one.append(text);
                first += text;
                break;
            }
            case 2: {
                const std::string text(upTo(20), 'P');
                one.prepend(text);
                first.insert(0, text);
                break;
            }
            case 3: {
                const std::size_t count = std::min(size, first.size());
                one.drain(count);
                first.erase(0, count);
                break;
            }
            case 4: {
                const std::size_t count = std::min(size, first.size());
                two.move(one, count);
                second += first.substr(0, count);
                first.erase(0, count);
                break;
            }
            case 5:
                one.move(two);
                first += second;
                second.clear();
                QVERIFY(two.isEmpty());
                break;
            case 6: {
                const std::size_t count = std::min(size, first.size());
                QCOMPARE(one.linearize(count), std::string_view(first).substr(0, count));
                break;
            }
            case 7: {
                std::size_t room = 0;
                char *to = one.reserve(size + 1, &room);
                QVERIFY(room >= size + 1);
                std::fill(to, to + size, 'R');
                one.commit(size);
                first.append(size, 'R');
                break;
            }
            case 8:
                two.copyFrom(one);
                second += first;
                break;
            default: {
                const std::size_t offset = upTo(first.size());
                const std::size_t count = upTo(first.size() - offset);
                std::string copy(count, '\0');
                one.copyOut(offset, count, copy.data());
                QCOMPARE(copy, first.substr(offset, count));
            }
            }
            if (first.size() + second.size() > 200'000) {
                one.clear();
                two = Buffer();
                first.clear();
                second.clear();
            }
            QCOMPARE(one.size(), first.size());
            QCOMPARE(two.size(), second.size());
            QVERIFY(one.isEmpty() == one.front().empty());
            if (step % 50 == 0) {
                QCOMPARE(one.toString(), first);
                QCOMPARE(gathered(two), second.substr(0, gathered(two).size()));
            }
        }
    }
};

QTEST_GUILESS_MAIN(TestBuffer)
#include "test_buffer.moc"
