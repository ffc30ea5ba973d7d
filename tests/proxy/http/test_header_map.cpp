// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/proxy/http/codec_trace.h"

#include <QTest>

using namespace sallyport::http;

class TestHeaderMap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyKnownNameIsFound()
    {
        for (std::size_t i = 0; i < KnownCount; ++i)
            QCOMPARE(static_cast<std::size_t>(knownHeader(headerName(static_cast<Known>(i)))), i);
        QCOMPARE(knownHeader("x-unknown"), Known::None);
        QCOMPARE(knownHeader(""), Known::None);
    }

    void orderAndLookup()
    {
        auto map = HeaderMap::create(HeaderMap::Kind::Request);
        map->add("x-a", "1");
        map->set(Known::Path, "/p");
        map->add(Known::ContentType, "t");
        map->set(Known::Authority, "h");
        map->add("x-a", "2");
        QCOMPARE(traced(*map), std::string("{:path=/p,:authority=h,x-a=1,content-type=t,x-a=2}"));
        QCOMPARE(map->get("x-a"), std::string_view("1"));
        std::string joined;
        QCOMPARE(map->getAll("x-a", joined), std::string_view("1,2"));
        QCOMPARE(map->count("x-a"), std::size_t{2});
        QVERIFY(map->has(Known::ContentType) && !map->has(Known::Via));
        QCOMPARE(map->byteSize(), std::uint64_t{5 + 2 + 10 + 1 + 3 + 1 + 12 + 1 + 3 + 1});
    }

    void changesInPlace()
    {
        auto map = HeaderMap::create(HeaderMap::Kind::Request);
        map->add("x-a", "1");
        map->add("x-b", "2");
        map->addLine("via", "one");
        map->addLine("via", "two");
        map->add("x-a", "3");
        map->set("x-a", "4");
        map->set(Known::Via, "three");
        QCOMPARE(traced(*map), std::string("{x-a=4,x-b=2,via=three}"));
        map->append(Known::Via, "four", ", ");
        map->append("x-c", "new", ",");
        QCOMPARE(traced(*map), std::string("{x-a=4,x-b=2,via=three, four,x-c=new}"));
        QCOMPARE(map->remove(Known::Via), std::size_t{1});
        QCOMPARE(map->remove("x-b"), std::size_t{1});
        QCOMPARE(map->remove("absent"), std::size_t{0});
        QCOMPARE(traced(*map), std::string("{x-a=4,x-c=new}"));
        QVERIFY(!map->has(Known::Via));
    }

    void namesAreRememberedAsTheyCame()
    {
        auto map = HeaderMap::create(HeaderMap::Kind::Request);
        map->addReceived("X-Plain", "0", false);
        QVERIFY(!map->remembersNames());
        map->addReceived("HOST", "h", true);
        map->addReceived("X-Mixed", "1", true);
        map->addReceived("x-MIXED", "2", true);
        QCOMPARE(traced(*map), std::string("{:authority=h,x-plain=0,x-mixed=1,x-mixed=2}"));
        QCOMPARE(map->receivedName("host"), std::string_view("HOST"));
        QCOMPARE(map->receivedName("x-mixed"), std::string_view("X-Mixed"));
        QCOMPARE(map->receivedName("x-plain"), std::string_view());
        QCOMPARE(map->remove("x-mixed"), std::size_t{2});
        QCOMPARE(map->receivedName("x-mixed"), std::string_view("X-Mixed"));
        QCOMPARE(map->clone()->receivedName("x-mixed"), std::string_view("X-Mixed"));
    }

    void someNamesAreOneLine()
    {
        auto request = HeaderMap::create(HeaderMap::Kind::Request);
        for (const char *name : {"x-forwarded-for", "accept", "x-other", "set-cookie"}) {
            request->add(name, "a");
            request->add(name, "b");
        }
        QCOMPARE(
            traced(*request),
            std::string("{x-forwarded-for=a,b,accept=a,b,x-other=a,x-other=b,set-cookie=a,set-cookie=b}"));
        auto response = HeaderMap::create(HeaderMap::Kind::Response);
        for (const char *name : {"server", "accept", "set-cookie"}) {
            response->add(name, "a");
            response->add(name, "b");
        }
        QCOMPARE(traced(*response), std::string("{server=a,b,accept=a,accept=b,set-cookie=a,set-cookie=b}"));
    }

    void viewsStayValidWhileOthersAreAdded()
    {
        auto map = HeaderMap::create(HeaderMap::Kind::Response);
        map->add("x-first", std::string(100, 'a'));
        const std::string_view first = map->get("x-first");
        for (int i = 0; i < 1000; ++i)
            map->add("x-" + std::to_string(i), std::string(50, 'b'));
        QCOMPARE(first, std::string_view(map->get("x-first")));
        QCOMPARE(std::string(first), std::string(100, 'a'));
        QCOMPARE(map->get("x-999"), std::string_view(std::string(50, 'b')));
        const auto copy = map->clone();
        map.reset();
        QCOMPARE(copy->size(), std::size_t{1001});
        QCOMPARE(copy->get("x-500"), std::string_view(std::string(50, 'b')));
    }

    void pooledMapsStartEmpty()
    {
        for (int i = 0; i < 3; ++i) {
            auto map = HeaderMap::create(HeaderMap::Kind::Request);
            QVERIFY(map->isEmpty());
            QVERIFY(!map->has(Known::Path));
            map->set(Known::Path, "/");
            map->add("x", std::string(5000, 'x'));
        }
    }

    void status()
    {
        auto map = responseHeaders(503);
        QCOMPARE(map->status(), 503U);
        map->setStatus(200);
        QCOMPARE(map->status(), 200U);
        QCOMPARE(HeaderMap::create(HeaderMap::Kind::Response)->status(), 0U);
    }
};

QTEST_GUILESS_MAIN(TestHeaderMap)
#include "test_header_map.moc"
