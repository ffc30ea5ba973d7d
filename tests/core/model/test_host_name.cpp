// SPDX-License-Identifier: GPL-3.0-or-later
// istio-semantics §0.3 and §0.4.
#include "core/model/host_name.h"
#include "core/model/lexical.h"

#include <QtTest>

using namespace sallyport::model;

class TestHostName : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void overlap_data();
    void overlap();
    void specificity();
    void mostSpecific();
    void shortNames();
    void protocols();
    void headerValues();
    void addresses();
};

void TestHostName::overlap_data()
{
    QTest::addColumn<QString>("a");
    QTest::addColumn<QString>("b");
    QTest::addColumn<bool>("aInB");
    QTest::addColumn<bool>("bInA");
    const auto row = [](const char *a, const char *b, bool aInB, bool bInA) {
        QTest::addRow("%s %s", a, b) << QString(a) << QString(b) << aInB << bInA;
    };
    row("foo.com", "foo.com", true, true);
    row("foo.com", "bar.com", false, false);
    row("foo.com", "*.com", true, false);
    row("foo.com", "*.foo.com", false, false);
    row("a.foo.com", "*.foo.com", true, false);
    row("a.b.foo.com", "*.foo.com", true, false);
    row("*.foo.com", "*.com", true, false);
    row("*.foo.com", "*.foo.com", true, true);
    row("*.foo.com", "*.bar.com", false, false);
    row("*", "*", true, true);
    row("foo.com", "*", true, false);
    row("*.com", "*", true, false);
    row("xfoo.com", "*foo.com", true, false);
    row("x.foo.com", "*foo.com", true, false);
    row("*.foo.com", "*foo.com", true, false);
    row("foo.com", "oo.com", false, false);
}

void TestHostName::overlap()
{
    QFETCH(QString, a);
    QFETCH(QString, b);
    QFETCH(bool, aInB);
    QFETCH(bool, bInA);
    const std::string first = a.toStdString();
    const std::string second = b.toStdString();
    QCOMPARE(isSubsetOf(first, second), aInB);
    QCOMPARE(isSubsetOf(second, first), bInA);
    QCOMPARE(hostsOverlap(first, second), aInB || bInA);
    QCOMPARE(hostsOverlap(second, first), aInB || bInA);
}

void TestHostName::specificity()
{
    std::vector<std::string> hosts{"*", "*.com", "b.com", "*.foo.com", "a.foo.com", "a.com", "*.bar.com"};
    std::sort(hosts.begin(), hosts.end(), [](const auto &a, const auto &b) { return moreSpecific(a, b); });
    QCOMPARE(hosts, (std::vector<std::string>{"a.foo.com", "a.com", "b.com", "*.bar.com", "*.foo.com",
                                              "*.com", "*"}));
}

void TestHostName::mostSpecific()
{
    const std::vector<std::string> hosts{"*", "*.com", "*.foo.com", "a.foo.com"};
    QCOMPARE(mostSpecificMatch("a.foo.com", hosts), std::optional<std::string>("a.foo.com"));
    QCOMPARE(mostSpecificMatch("b.foo.com", hosts), std::optional<std::string>("*.foo.com"));
    QCOMPARE(mostSpecificMatch("b.com", hosts), std::optional<std::string>("*.com"));
    QCOMPARE(mostSpecificMatch("b.org", hosts), std::optional<std::string>("*"));
    QCOMPARE(mostSpecificMatch("*.foo.com", hosts), std::optional<std::string>("*.foo.com"));
    QVERIFY(!mostSpecificMatch("b.org", {"a.org", "*.com"}));
}

void TestHostName::shortNames()
{
    QCOMPARE(resolveShortName("reviews", "default"), std::string("reviews.default.svc.cluster.local"));
    QCOMPARE(resolveShortName("reviews.ns2", "default"), std::string("reviews.ns2"));
    QCOMPARE(resolveShortName("*", "default"), std::string("*"));
    QCOMPARE(resolveShortName("10.0.0.1", "default"), std::string("10.0.0.1"));
    QCOMPARE(resolveShortName("::1", "default"), std::string("::1"));
    QCOMPARE(resolveShortName("a", "b", "corp.example"), std::string("a.b.svc.corp.example"));
}

void TestHostName::protocols()
{
    for (const char *name : {"http", "HTTP", "HTTP_PROXY", "http2", "gRPC", "grpc-web"})
        QVERIFY2(isHttpProtocol(name) && !isTcpProtocol(name), name);
    for (const char *name : {"https", "TLS"})
        QVERIFY2(isTlsProtocol(name) && isTcpProtocol(name) && !isHttpProtocol(name), name);
    for (const char *name : {"TCP", "mongo", "Redis", "MySQL"})
        QVERIFY2(isTcpProtocol(name) && !isTlsProtocol(name), name);
    QCOMPARE(protocolFamily("UDP"), ProtocolFamily::Udp);
    QCOMPARE(protocolFamily("kafka"), ProtocolFamily::Unknown);
    QCOMPARE(protocolFamily(""), ProtocolFamily::Unknown);
}

void TestHostName::headerValues()
{
    for (const char *value :
         {"", "plain", "100%%", "%HOSTNAME%", "%REQ(x-a)%", "a %DOWNSTREAM_LOCAL_PORT% 100%%"})
        QVERIFY2(headerValueProblem(value).empty(), value);
    for (const char *value : {"%", "50% off", "%host%", "%REQ(x%", "%HOSTNAME", "a\nb"})
        QVERIFY2(!headerValueProblem(value).empty(), value);
}

void TestHostName::addresses()
{
    QVERIFY(isCidr("10.0.0.0/8"));
    QVERIFY(isCidr("::/0"));
    QVERIFY(!isCidr("10.0.0.0/33"));
    QVERIFY(!isCidr("10.0.0.0"));
    QVERIFY(!isCidr("a/8"));
    QVERIFY(isIpOrCidr("2001:db8::1"));
    QVERIFY(isUnixAddress("@abstract"));
    QVERIFY(isUnixAddress("/var/run/x"));
    QVERIFY(!isUnixAddress("/var/run/"));
    QVERIFY(!isUnixAddress("x"));
}

QTEST_GUILESS_MAIN(TestHostName)
#include "test_host_name.moc"
