// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/compile.h"
#include "core/compile/service.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QtTest>

using namespace sallyport;

namespace {

QString key(const char *text)
{
    return QString::fromLatin1(text);
}

QJsonObject readJson(const QString &path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s cannot be read", qPrintable(path));
    return QJsonDocument::fromJson(file.readAll()).object();
}

/// What differs between istiod's dynamic resources with Istio's own filters and one static bootstrap for
/// stock Envoy, and nothing else: where secrets, routes and endpoints come from, statistics without effect,
/// Istio's filters, the ALPN that one of them would choose, tracing tags, and values that are defaults.
class Comparable
{
public:
    static QJsonValue of(const QJsonValue &value)
    {
        if (value.isObject())
            return ofObject(value.toObject());
        if (value.isArray()) {
            QJsonArray list;
            for (const QJsonValue &item : value.toArray()) {
                if (!item[key("name")].toString().startsWith(QLatin1String("istio.")))
                    list.append(of(item));
            }
            return list;
        }
        // proto3 JSON writes 64-bit integers as text.
        static const QRegularExpression digits(key("^[0-9]+$"));
        if (value.isString() && digits.match(value.toString()).hasMatch())
            return value.toString().toDouble();
        return value;
    }

private:
    static bool isDefault(const QJsonValue &value)
    {
        return value.isNull() || value == QJsonValue(false) || value == QJsonValue(0) ||
               value == QJsonValue(QString()) || value == QJsonValue(key("0s")) ||
               (value.isObject() && value.toObject().isEmpty()) ||
               (value.isArray() && value.toArray().isEmpty());
    }

    static QJsonValue ofObject(const QJsonObject &object)
    {
        static const QStringList ignored = {key("tracing"),
                                            key("request_id_extension"),
                                            key("json_format_options"),
                                            key("eds_cluster_config"),
                                            key("load_assignment"),
                                            key("upstream_bind_config"),
                                            key("listener_filters_timeout"),
                                            key("cleanup_interval"),
                                            key("case_sensitive"),
                                            key("address"),
                                            key("additional_addresses"),
                                            key("initial_read_buffer_size")};
        if (object.contains(key("sds_config")))
            return object[key("name")];
        QJsonObject result;
        for (auto it = object.begin(); it != object.end(); ++it) {
            QJsonValue value = it.value();
            QString name = it.key();
            if (ignored.contains(name) || (name == key("path") && object.contains(key("log_format"))) ||
                (name == key("name") && object.contains(key("typed_config"))))
                continue;
            if (name == key("rds") || name == key("route_config")) {
                value = value[name == key("rds") ? key("route_config_name") : key("name")];
                name = key("routes");
            } else if (name == key("alpn_protocols") && value.toArray().contains(key("istio"))) {
                value = key("mesh");
            } else if (name == key("@type")) {
                value = value.toString().section(QLatin1Char('.'), -1);
            }
            const QJsonValue compared = of(value);
            if (!isDefault(compared))
                result.insert(name, compared);
        }
        return result;
    }
};

void compare(const QJsonValue &theirs, const QJsonValue &ours, const QString &path, QStringList &differences)
{
    if (theirs.isObject() && ours.isObject()) {
        QStringList names = theirs.toObject().keys();
        for (const QString &name : ours.toObject().keys()) {
            if (!names.contains(name))
                names.append(name);
        }
        for (const QString &name : names)
            compare(theirs[name], ours[name], path + QLatin1Char('.') + name, differences);
    } else if (theirs.isArray() && ours.isArray() && theirs.toArray().size() == ours.toArray().size()) {
        for (qsizetype i = 0; i < theirs.toArray().size(); ++i)
            compare(theirs[i], ours[i], path + QStringLiteral("[%1]").arg(i), differences);
    } else if (theirs != ours) {
        const auto text = [](const QJsonValue &value) {
            return QString::fromUtf8(QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact))
                .left(300);
        };
        differences.append(path + QStringLiteral(": istiod ") + text(theirs) + QStringLiteral(", compiled ") +
                           text(ours));
    }
}

QMap<QString, QJsonObject> byName(const QJsonArray &list)
{
    QMap<QString, QJsonObject> map;
    for (const QJsonValue &item : list)
        map.insert(item[key("name")].toString(), item.toObject());
    return map;
}

void collectRoutes(const QJsonValue &value, QMap<QString, QJsonObject> &routes)
{
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray())
            collectRoutes(item, routes);
    }
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (it.key() == key("route_config"))
            routes.insert(it.value()[key("name")].toString(), it.value().toObject());
        collectRoutes(it.value(), routes);
    }
}

/// The addresses that istiod's cluster had: pods by namespace and name, Services in file order.
compile::Placement placementOf(const model::Project &project)
{
    compile::Placement placement;
    for (const model::Mesh &mesh : project.meshes) {
        const std::string prefix = mesh.name == "primary" ? "10.10.0." : "10.20.0.";
        int pod = 11;
        for (const compile::Instance &instance : compile::instancesOf(mesh)) {
            compile::InstancePlace place;
            place.meshAddress = place.address = prefix + std::to_string(pod++);
            place.appAddress = "127.0.0.1";
            place.accessLogPath = "/dev/stdout";
            placement.instances.emplace(instance.name, std::move(place));
        }
        int service = 150;
        for (const model::Service &source : mesh.services)
            placement.serviceAddresses.emplace(mesh.name + '/' + compile::serviceHostname(source),
                                               prefix + std::to_string(service++));
    }
    return placement;
}

} // namespace

/// The guide's five stages, field by field against what istiod made of them.
class TestTranslation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void guide_data();
    void guide();
};

void TestTranslation::guide_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QString>("mesh");
    QTest::addColumn<QString>("proxy");
    for (int stage = 1; stage <= 5; ++stage) {
        const QString folder =
            QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh/guide-stage-%1").arg(stage);
        QTest::addRow("stage %d sleep", stage) << folder << key("primary") << key("default.sleep");
        QTest::addRow("stage %d egress gateway", stage)
            << folder << key("primary") << key("istio-system.istio-egressgateway");
        QTest::addRow("stage %d ingress gateway", stage)
            << folder << key("external") << key("istio-system.istio-ingressgateway");
        QTest::addRow("stage %d httpbin", stage) << folder << key("external") << key("default.httpbin");
    }
}

void TestTranslation::guide()
{
    QFETCH(QString, folder);
    QFETCH(QString, mesh);
    QFETCH(QString, proxy);
    const auto project = model::loadProject((folder + QStringLiteral("/project")).toStdString());
    QVERIFY(project);
    const compile::CompiledProject compiled = compile::compileProject(*project, placementOf(*project));
    QVERIFY(compiled.errors.empty());
    const auto found =
        std::find_if(compiled.proxies.begin(), compiled.proxies.end(), [&](const auto &candidate) {
            return candidate.mesh == mesh.toStdString() &&
                   candidate.nameSpace + '.' + candidate.workload == proxy.toStdString();
        });
    QVERIFY(found != compiled.proxies.end());
    const QJsonObject ours = QJsonDocument::fromJson(dataplane::encodeBootstrap(found->bootstrap))
                                 .object()[key("static_resources")]
                                 .toObject();
    const QJsonObject theirs =
        readJson(folder + QStringLiteral("/translation/%1/%2-0.json").arg(mesh, proxy));

    QStringList differences;
    for (const char *kind : {"listeners", "clusters"}) {
        const auto left = byName(theirs[key(kind)].toArray());
        const auto right = byName(ours[key(kind)].toArray());
        QCOMPARE(right.keys(), left.keys());
        for (const QString &name : left.keys()) {
            QJsonObject expected = Comparable::of(left[name]).toObject();
            QJsonObject seen = Comparable::of(right[name]).toObject();
            // Endpoints are in the bootstrap; an application listens beside its sidecar; interception is a
            // header.
            if (key(kind) == key("clusters")) {
                const bool inbound =
                    name.startsWith(QLatin1String("inbound|")) || name == key("InboundPassthroughCluster");
                if (inbound)
                    expected.remove(key("lb_policy"));
                if (inbound || expected[key("type")] == key("EDS") || expected[key("type")] == key("STATIC"))
                    expected.remove(key("type"));
            } else if (name == key("virtualOutbound") || name == key("virtualInbound")) {
                expected.remove(key("listener_filters"));
                seen.remove(key("listener_filters"));
            }
            compare(expected, seen, QString::fromLatin1(kind) + QLatin1Char('[') + name + QLatin1Char(']'),
                    differences);
        }
    }
    QMap<QString, QJsonObject> routes;
    collectRoutes(ours, routes);
    for (const QJsonValue &route : theirs[key("routes")].toArray()) {
        const QString name = route[key("name")].toString();
        compare(Comparable::of(route), Comparable::of(routes[name]),
                QStringLiteral("routes[") + name + QLatin1Char(']'), differences);
    }
    QVERIFY2(differences.isEmpty(), qPrintable(differences.join(QLatin1Char('\n'))));
}

QTEST_GUILESS_MAIN(TestTranslation)
#include "test_translation.moc"
