// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/net/resolver.h"
#include "tests/proxy/net/epoll_main.h"

#include <QTemporaryFile>
#include <optional>

using namespace sallyport::net;

class TestResolver : public QObject
{
    Q_OBJECT

    static DnsAnswer asked(Resolver &resolver, const std::string &name, DnsFamily family,
                           std::uint16_t port = 0)
    {
        std::optional<DnsAnswer> answer;
        const auto query = resolver.resolve(
            name, family, [&answer](const DnsAnswer &got) { answer = got; }, port);
        [&] { QVERIFY(!answer); }(); // never from within the call
        [&] { QTRY_VERIFY_WITH_TIMEOUT(answer, 10'000); }();
        return *answer;
    }
    static std::string text(const DnsAnswer &answer)
    {
        std::string all;
        for (const Address &address : answer.addresses)
            all += (all.empty() ? "" : " ") + address.ipText();
        return all;
    }

private Q_SLOTS:
    void hostsFile()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        file.write("# comment\n10.0.0.1 test.com Alias.test # more\n10.0.0.2\ttest.com\n::7 "
                   "test.com\nnonsense line\n");
        file.flush();
        Resolver resolver({.hostsFile = file.fileName().toStdString(), .hostsFileOnly = true});
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::V4Only)), std::string("10.0.0.1 10.0.0.2"));
        QCOMPARE(text(asked(resolver, "TEST.com.", DnsFamily::Auto)), std::string("::7"));
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::V4Preferred)), std::string("10.0.0.1 10.0.0.2"));
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::All)), std::string("::7 10.0.0.1 10.0.0.2"));
        QCOMPARE(text(asked(resolver, "alias.test", DnsFamily::Auto)), std::string("10.0.0.1"));
        QCOMPARE(asked(resolver, "alias.test", DnsFamily::V6Only).status, DnsAnswer::Status::NoSuchName);
        QCOMPARE(asked(resolver, "nonsense", DnsFamily::Auto).status, DnsAnswer::Status::NoSuchName);
        QCOMPARE(text(asked(resolver, "192.0.2.7", DnsFamily::Auto)), std::string("192.0.2.7"));

        file.write("10.0.0.9 later.test\n");
        file.flush();
        QCOMPARE(text(asked(resolver, "later.test", DnsFamily::Auto)), std::string("10.0.0.9"));
    }

    /// A port of a name may lie elsewhere than the name.
    void portsOfTheirOwn()
    {
        QTemporaryFile file;
        QVERIFY(file.open());
        file.write("10.0.0.1:8080 test.com:80\n10.0.0.2 test.com\n");
        file.flush();
        Resolver resolver({.hostsFile = file.fileName().toStdString(), .hostsFileOnly = true});
        const DnsAnswer moved = asked(resolver, "Test.com", DnsFamily::Auto, 80);
        QCOMPARE(text(moved), std::string("10.0.0.1"));
        QCOMPARE(moved.addresses.front().port(), 8080);
        const DnsAnswer other = asked(resolver, "test.com", DnsFamily::Auto, 81);
        QCOMPARE(text(other), std::string("10.0.0.2"));
        QCOMPARE(other.addresses.front().port(), 0);
        QCOMPARE(text(asked(resolver, "test.com", DnsFamily::Auto)), std::string("10.0.0.2"));
    }

    void systemHostsAreKnown()
    {
        Resolver resolver({.hostsFile = {}, .hostsFileOnly = false});
        QCOMPARE(text(asked(resolver, "localhost", DnsFamily::V4Only)), std::string("127.0.0.1"));
    }

    void droppedQueriesStaySilent()
    {
        Resolver resolver({.hostsFile = {}, .hostsFileOnly = true});
        bool answered = false;
        auto query = resolver.resolve("127.0.0.1", DnsFamily::Auto,
                                      [&answered](const DnsAnswer &) { answered = true; });
        query.reset();
        QTest::qWait(20);
        QVERIFY(!answered);
    }
};

SALLYPORT_EPOLL_MAIN(TestResolver)
#include "test_resolver.moc"
