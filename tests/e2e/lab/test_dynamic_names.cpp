// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/lab/kept_lab.h"

#include <QDir>
#include <unistd.h>

using namespace e2e;

namespace {

void replaceText(const QString &path, const QByteArray &before, const QByteArray &after)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    const QByteArray text = file.readAll();
    QVERIFY(text.contains(before));
    file.seek(0);
    QVERIFY(file.resize(0));
    file.write(QByteArray(text).replace(before, after));
}

void writeText(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(text);
}

constexpr const char *entry = R"(apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: other, namespace: default}
spec:
  hosts: ["*.other.com"]
  location: MESH_EXTERNAL
  resolution: DYNAMIC_DNS
  ports:
  - {number: 80, name: http, protocol: HTTP}
  - {number: 443, name: tls, protocol: TLS}
)";

constexpr const char *checks = R"(checks:
- name: a name of the entry
  via: primary:default/sleep
  request: GET http://www.other.com/status/418
  expect:
    status: 418
    hops:
    - {proxy: 'primary:default/sleep', upstream_cluster: 'outbound|80||*.other.com', upstream_host: 'external:internet/www:80'}
- name: a name that nobody registered
  via: primary:default/sleep
  request: GET http://example.org/status/418
  expect:
    status: 418
    hops:
    - {proxy: 'primary:default/sleep', upstream_cluster: AllowAnyDynamicDNSCluster, upstream_host: 'external:internet/www:80'}
- name: a name that is none
  via: primary:default/sleep
  request: GET http://203.0.113.80/status/418
  headers: {Host: none.other.com}
  expect:
    status: 503
    hops:
    - proxy: primary:default/sleep
      upstream_cluster: 'outbound|80||*.other.com'
      response_flags: DF
      response_code_details: dns_resolution_failure{cares_norecords:Domain_name_not_found}
)";

} // namespace

/// Names that come with a request and are looked up while a lab runs: the same with both engines.
class TestDynamicNames : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!hasEngine())
            QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
        const QString folder = m_project.folder();
        replaceText(folder + "/primary/01-mesh.yaml", "mode: ALLOW_ANY", "mode: ALLOW_ANY_DYNAMIC_DNS");
        writeText(folder + "/primary/10-other.yaml", entry);
        writeText(folder + "/.sallyport/expectations.yaml", checks);
    }

    void httpHosts()
    {
        const Ran ran = ctl({"lab", m_project.folder(), "--verify"});
        QVERIFY2(ran.exitCode == 0, (ran.out + ran.err).constData());
    }

    /// Where ports below 1024 cannot be bound and lie elsewhere.
    void withoutRoot()
    {
        if (::geteuid() != 0)
            QSKIP("this test runs without root anyway");
        constexpr const char *nobody = "65534";
        run("chown", {"-R", nobody, m_project.place()});
        const QString programs = m_project.place() + "/bin";
        QVERIFY(QDir().mkpath(programs));
        for (const QString &name :
             QDir(SALLYPORT_BIN_DIR).entryList({"sallyport-*", "sallyportctl"}, QDir::Files))
            QVERIFY(QFile::copy(QString(SALLYPORT_BIN_DIR "/") + name, programs + '/' + name));
        const Ran ran = run("setpriv", {"--reuid", nobody, "--regid", nobody, "--clear-groups",
                                        programs + "/sallyportctl", "lab", m_project.folder(), "--verify"});
        run("chown", {"-R", "0", m_project.place()});
        if (qEnvironmentVariable("SALLYPORT_ENGINE") == "envoy" && ran.err.contains("cannot be started"))
            QSKIP("this Envoy is installed where an ordinary user cannot run it");
        QVERIFY2(ran.exitCode == 0, (ran.out + ran.err).constData());
    }

private:
    const GuideProject m_project{1};
};

QTEST_GUILESS_MAIN(TestDynamicNames)
#include "test_dynamic_names.moc"
