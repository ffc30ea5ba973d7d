// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/upstream/cluster_manager.h"
#include "tests/proxy/net/epoll_main.h"
#include "tests/proxy/net/test_names.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::upstream;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(dataplane::Cluster::DnsFamily)

/// Where hosts come from: names (envoy-behaviour.md 4.10) and original destinations. The names are those of a
/// name server, which change; what Envoy 1.40 did with one that answered the same is what is expected.
class TestHostResolution : public QObject
{
    Q_OBJECT

    TestNames m_names;

    dataplane::Cluster cluster(dataplane::Cluster::Type type, const QStringList &names) const
    {
        dataplane::Cluster cluster;
        cluster.name = "c";
        cluster.type = type;
        cluster.dnsFamily = dataplane::Cluster::DnsFamily::V4Only;
        cluster.dnsRefreshRate = 5ms;
        cluster.dnsResolver = m_names.resolver();
        cluster.loadAssignment.emplace();
        for (const QString &name : names) {
            dataplane::LbEndpoint endpoint;
            endpoint.address.address = name.toStdString();
            endpoint.address.port = 80;
            dataplane::LocalityLbEndpoints locality;
            locality.endpoints.push_back(endpoint);
            cluster.loadAssignment->endpoints.push_back(locality);
        }
        return cluster;
    }
    static QString shown(const ClusterInfo &cluster)
    {
        QStringList hosts;
        for (const HostPtr &host : cluster.hosts())
            hosts.append(QString::fromStdString(host->address().ipText() + ' ' + host->hostname()));
        hosts.sort();
        return hosts.join(',');
    }

private Q_SLOTS:
    void names_data()
    {
        QTest::addColumn<bool>("logical");
        QTest::addColumn<QStringList>("names");
        QTest::addColumn<QStringList>("answers"); ///< one after the other
        QTest::addColumn<QStringList>("hosts");   ///< after each
        QTest::addColumn<bool>("fails");          ///< update_failure counts in the end
        const auto strict = [](const char *what, const QStringList &names, const QStringList &answers,
                               const QStringList &hosts) {
            QTest::addRow("4.10 STRICT_DNS %s", what) << false << names << answers << hosts << false;
        };
        const auto logical = [](const char *what, const QStringList &answers, const QStringList &hosts,
                                bool fails) {
            QTest::addRow("4.10 LOGICAL_DNS %s", what)
                << true << QStringList{"a"} << answers << hosts << fails;
        };
        strict("every address is a host", {"a"}, {"127.0.0.1 a,127.0.0.2 a"}, {"127.0.0.1 a,127.0.0.2 a"});
        strict("addresses come and go", {"a"}, {"127.0.0.1 a,127.0.0.2 a", "127.0.0.2 a,127.0.0.3 a"},
               {"127.0.0.1 a,127.0.0.2 a", "127.0.0.2 a,127.0.0.3 a"});
        strict("an address twice is one host", {"a"}, {"127.0.0.1 a,127.0.0.1 a"}, {"127.0.0.1 a"});
        strict("a name without addresses has no hosts", {"a"}, {"127.0.0.1 a", "", "127.0.0.2 a"},
               {"127.0.0.1 a", "", "127.0.0.2 a"});
        strict("a name that is none yet", {"a"}, {"", "127.0.0.1 a"}, {"", "127.0.0.1 a"});
        strict("two names of one address are two hosts", {"a", "b"}, {"127.0.0.1 a b"},
               {"127.0.0.1 a,127.0.0.1 b"});
        strict("one name goes, the other stays", {"a", "b"}, {"127.0.0.1 a,127.0.0.2 b", "127.0.0.1 a"},
               {"127.0.0.1 a,127.0.0.2 b", "127.0.0.1 a"});
        logical("the first address is the host", {"127.0.0.2 a,127.0.0.1 a"}, {"127.0.0.2 a"}, false);
        logical("another address", {"127.0.0.1 a", "127.0.0.2 a"}, {"127.0.0.1 a", "127.0.0.2 a"}, false);
        logical("a name without addresses keeps the last", {"127.0.0.1 a", ""},
                {"127.0.0.1 a", "127.0.0.1 a"}, true);
    }
    void names()
    {
        QFETCH(bool, logical);
        QFETCH(QStringList, names);
        QFETCH(QStringList, answers);
        QFETCH(QStringList, hosts);
        QFETCH(bool, fails);
        using Type = dataplane::Cluster::Type;
        m_names.set(answers.front());
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster(logical ? Type::LogicalDns : Type::StrictDns, names)},
                                            store, secrets, {}, nullptr);
        QVERIFY(set);
        const ClusterInfoPtr info = (*set)->find("c");
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        bool ready = false;
        resolution.start(*set, [&ready] { ready = true; });
        const auto count = [&store](const char *name) {
            return store.counter(std::string("cluster.c.") + name).value();
        };
        // Every name is asked for.
        QCOMPARE(count("update_attempt"), quint64(names.size()));
        QTRY_VERIFY(ready);
        for (int i = 0; i < answers.size(); ++i) {
            m_names.set(answers[i]);
            QTRY_COMPARE(shown(*info), hosts[i]);
            // And stays so: the answer is the same the next times.
            const quint64 asked = count("update_attempt");
            QTRY_VERIFY(count("update_attempt") > asked + 2 * static_cast<quint64>(names.size()));
            QCOMPARE(shown(*info), hosts[i]);
        }
        QCOMPARE(count("update_failure") > 0, fails);
        QCOMPARE(count("update_empty"), 0U);
        QVERIFY(count("update_success") > 0);
        QVERIFY(count("update_no_rebuild") > 0);
        QCOMPARE(store.gauge("cluster.c.membership_total").value(), qint64(info->hosts().size()));
        // Names that are not there are answers all the same.
        QVERIFY(store.gauge("dns.cares.pending_resolutions").value() <= qint64(names.size()));
    }

    void families_data()
    {
        using Family = dataplane::Cluster::DnsFamily;
        QTest::addColumn<Family>("family");
        QTest::addColumn<QString>("named");
        QTest::addColumn<QString>("hosts");
        const QString both = "127.0.0.1 a,::1 a";
        QTest::newRow("4.10 V4_ONLY") << Family::V4Only << both << "127.0.0.1 a";
        QTest::newRow("4.10 V6_ONLY") << Family::V6Only << both << "::1 a";
        QTest::newRow("4.10 V6_ONLY, an IPv4 address") << Family::V6Only << "127.0.0.1 a"
                                                       << "";
        QTest::newRow("4.10 AUTO") << Family::Auto << both << "::1 a";
        QTest::newRow("4.10 AUTO, an IPv4 address") << Family::Auto << "127.0.0.1 a"
                                                    << "127.0.0.1 a";
        QTest::newRow("4.10 V4_PREFERRED") << Family::V4Preferred << both << "127.0.0.1 a";
        QTest::newRow("4.10 V4_PREFERRED, an IPv6 address") << Family::V4Preferred << "::1 a"
                                                            << "::1 a";
        QTest::newRow("4.10 ALL") << Family::All << both << "127.0.0.1 a,::1 a";
    }
    void families()
    {
        QFETCH(dataplane::Cluster::DnsFamily, family);
        QFETCH(QString, named);
        QFETCH(QString, hosts);
        m_names.set(named);
        dataplane::Cluster configuration = cluster(dataplane::Cluster::Type::StrictDns, {"a"});
        configuration.dnsFamily = family;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({configuration}, store, secrets, {}, nullptr);
        QVERIFY(set);
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        bool ready = false;
        resolution.start(*set, [&ready] { ready = true; });
        QTRY_VERIFY(ready);
        QCOMPARE(shown(*(*set)->find("c")), hosts);
    }

    /// A host that stays is the same one, with its connections and counts.
    void whatStaysIsKept()
    {
        m_names.set("127.0.0.1 a,127.0.0.2 a");
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({cluster(dataplane::Cluster::Type::StrictDns, {"a"})}, store,
                                            secrets, {}, nullptr);
        QVERIFY(set);
        const ClusterInfoPtr info = (*set)->find("c");
        int changes = 0;
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [&](const std::string &name, HostResolution::Change change) {
                                      changes += name == "c" && change == HostResolution::Change::Members;
                                  });
        resolution.start(*set, {});
        QTRY_COMPARE(info->hosts().size(), std::size_t(2));
        const HostPtr second = info->hosts()[1];
        m_names.set("127.0.0.2 a,127.0.0.3 a");
        QTRY_COMPARE(shown(*info), QString("127.0.0.2 a,127.0.0.3 a"));
        QCOMPARE(info->hosts()[0], second);
        QCOMPARE(changes, 2);
        QCOMPARE(store.counter("cluster.c.membership_change").value(), 2U);
        QCOMPARE(store.gauge("cluster.c.max_host_weight").value(), 1);
        QVERIFY(store.counter("cluster.c.default.total_match_count").value() >= 4U);
    }

    /// ORIGINAL_DST: a request's destination is a host, until nobody names it or uses it any more.
    void destinations()
    {
        dataplane::Cluster configuration;
        configuration.name = "c";
        configuration.type = dataplane::Cluster::Type::OriginalDst;
        configuration.cleanupInterval = 10ms;
        telemetry::StatsStore store(1);
        net::SecretStore secrets;
        const auto set = ClusterSet::create({configuration}, store, secrets, {}, nullptr);
        QVERIFY(set);
        const ClusterInfoPtr info = (*set)->find("c");
        HostResolution resolution(net::EpollDispatcher::current(), store,
                                  [](const std::string &, HostResolution::Change) {});
        resolution.start(*set, {});
        const HostPtr host = info->destination(*net::Address::parseIp("127.0.0.1", 81));
        host->connectionsActive = 1;
        QCOMPARE(info->destination(*net::Address::parseIp("127.0.0.1", 81)), host);
        QCOMPARE(host->hostname(), std::string("c127.0.0.1:81"));
        const HostPtr other = info->destination(*net::Address::parseIp("127.0.0.1", 82));
        QCOMPARE(info->hosts().size(), std::size_t(2));
        QTRY_COMPARE(store.gauge("cluster.c.membership_total").value(), 1);
        QCOMPARE(info->hosts(), std::vector<HostPtr>{host});
        QCOMPARE(store.counter("cluster.c.membership_change").value(), 3U);
        QCOMPARE(store.counter("cluster.c.default.total_match_count").value(), 2U);
        host->connectionsActive = 0;
        QTRY_COMPARE(store.gauge("cluster.c.membership_total").value(), 0);
        QVERIFY(info->destination(*net::Address::parseIp("127.0.0.1", 81)) != host);
    }
};

SALLYPORT_EPOLL_MAIN(TestHostResolution)
#include "test_host_resolution.moc"
