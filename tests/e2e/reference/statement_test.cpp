// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/reference/statement_test.h"

#include "proxy/control/supervisor.h"
#include "tests/e2e/golden/exchange.h"
#include "tests/e2e/reference/shown.h"

#include <QFile>
#include <QJsonDocument>
#include <QRegularExpression>
#include <csignal>

namespace reference {

namespace {

const QString Types = QStringLiteral("type.googleapis.com/envoy.");

QString followed(const QString &fields)
{
    return fields.isEmpty() ? fields : fields + ", ";
}

QString leading(const QString &fields)
{
    return fields.isEmpty() ? fields : ", " + fields;
}

/// A text inside of JSON.
QString quoted(const QByteArray &text)
{
    const QByteArray list =
        QJsonDocument(QJsonArray{QString::fromLatin1(text)}).toJson(QJsonDocument::Compact);
    return QString::fromUtf8(list.mid(1, list.size() - 2));
}

} // namespace

Statement &StatementTest::stateOfRoute(const QString &id, const QString &route, const QString &clusterFields,
                                       const QString &port)
{
    return state(id).withClusters(cluster("c@n@", port, clusterFields)).withRoutes(routeTo("c@n@", route));
}

Statement &StatementTest::stateOfPolicy(const QString &id, const QString &policy,
                                        const QString &clusterFields, const QString &port)
{
    const QString fields = policy.isEmpty() ? policy : QString(R"("retry_policy": {%1})").arg(policy);
    return stateOfRoute(id, fields, clusterFields, port);
}

QByteArray StatementTest::flaky(int times, int code, const QByteArray &lines)
{
    return get("/flaky/" + QByteArray::number(++m_flakyKeys) + '/' + QByteArray::number(times) + '/' +
                   QByteArray::number(code),
               lines);
}

QString StatementTest::routeTo(const QString &cluster, const QString &more, const QString &prefix)
{
    return QString(R"({"match": {"prefix": "%1"}, "route": {"cluster": "%2"%3}})")
        .arg(prefix, cluster, leading(more));
}

QString StatementTest::direct(int status, const QString &body)
{
    return QString(R"({"match": {"prefix": "/"}, "direct_response": {"status": %1%2}})")
        .arg(status)
        .arg(body.isEmpty() ? body : QString(R"(, "body": {"inline_string": "%1"})").arg(body));
}

QByteArray StatementTest::withText(const QByteArray &status, const QByteArray &body, const QByteArray &more)
{
    return status + " | content-length: " + QByteArray::number(body.size()) + " | content-type: text/plain" +
           more + " | = " + body;
}

QByteArray StatementTest::withoutText(const QByteArray &status, const QByteArray &more)
{
    return status + more + " | content-length: 0";
}

QString StatementTest::extension(const QString &type, const QString &fields)
{
    return QString(R"({"name": "%1", "typed_config": {"@type": "%2%1"%3}})")
        .arg(type, Types, leading(fields));
}

QString StatementTest::cluster(const QString &name, const QString &port, const QString &more)
{
    const QString endpoints = QString(R"({"lb_endpoints": [{"endpoint": {"address":
        {"socket_address": {"address": "127.0.0.1", "port_value": @port:%1@}}}}]})")
                                  .arg(port);
    return QString(R"({"name": "%1", "connect_timeout": "2s", "load_assignment": {"cluster_name": "%1",
        "endpoints": [%2]}%3})")
        .arg(name, port.isEmpty() ? QString() : endpoints, leading(more));
}

QString StatementTest::httpOptions(const QString &fields)
{
    return QString(R"("typed_extension_protocol_options": {"%1": {"@type": "type.googleapis.com/%1", %2}})")
        .arg(QLatin1String("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"), fields);
}

QString StatementTest::listener(int number)
{
    const Statement &of = m_statements[static_cast<std::size_t>(number)];
    const QString format =
        of.isJson ? R"("json_format": )" + QString::fromUtf8(of.format)
                  : QString(R"("text_format_source": {"inline_string": %1})").arg(quoted(of.format + '\n'));
    const QString log =
        extension("extensions.access_loggers.file.v3.FileAccessLog",
                  QString(R"("path": "@dir@/%1.log", "log_format": {%2"omit_empty_values": %3})")
                      .arg(number)
                      .arg(followed(format), of.omitsEmpty ? "true" : "false"));
    // An end that has to be waited for comes soon.
    const QString delay = of.manager.contains("delayed_close_timeout")
                              ? QString()
                              : QString(R"("delayed_close_timeout": "0.1s", )");
    const QString manager = extension(
        "extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        QString(R"(%1"stat_prefix": "s@n@", "route_config": {"name": "r"%2, "virtual_hosts": [{"name": "v",
            "domains": ["*"]%3, "routes": [%4]}]}, "http_filters": [%5%6], "access_log": [%7]%8)")
            .arg(delay, leading(of.routeConfiguration), leading(of.host),
                 of.routes.isEmpty() ? routeTo("up") : of.routes, followed(of.filters),
                 extension("extensions.filters.http.router.v3.Router", of.router), log, leading(of.manager)));
    return QString(R"({"name": "l@n@", "address": {"socket_address": {"address": "127.0.0.1",
        "port_value": @port:l@n@@}}, "filter_chains": [{"filters": [%1]%2}]%3})")
        .arg(manager, leading(of.chain), leading(of.listener))
        .replace("@n@", QString::number(number));
}

QByteArray StatementTest::bootstrap()
{
    QStringList listeners;
    QStringList clusters{cluster("up", "up"), cluster("down", "nobody"), cluster("empty", {})};
    for (int i = 0; i < static_cast<int>(m_statements.size()); ++i) {
        listeners.append(listener(i));
        const QString own = m_statements[static_cast<std::size_t>(i)].clusters;
        if (!own.isEmpty())
            clusters.append(QString(own).replace("@n@", QString::number(i)));
    }
    const QString text = QString(R"({"admin": {"address": {"socket_address": {"address": "127.0.0.1",
        "port_value": @port:admin@}}}, "static_resources": {"listeners": [%1], "clusters": [%2]}})")
                             .arg(listeners.join(", "), clusters.join(", "));
    return m_placeholders->text(text).toUtf8();
}

void StatementTest::initTestCase()
{
    // A peer that is gone shows by what a write returns.
    std::signal(SIGPIPE, SIG_IGN);
    golden::GatewayCommand command{QString(SALLYPORT_BIN_DIR) + "/sallyport-gateway", {"--concurrency", "1"}};
    if (qEnvironmentVariable("SALLYPORT_ENGINE") == "envoy") {
        command = {sallyport::control::Programs::findEnvoy(),
                   {"--use-dynamic-base-id", "--concurrency", "1", "-l", "error"}};
        if (command.program.isEmpty())
            QSKIP("there is no Envoy here: name it with SALLYPORT_ENVOY");
    }
    command.arguments += QStringList{"--file-flush-interval-msec", "10"};
    statements();
    QVERIFY(golden::writeTestPki(m_pki.path()));
    m_placeholders = std::make_unique<golden::Placeholders>(m_folder.path(), m_pki.path());
    QJsonObject options = upstreams();
    if (!options.contains("up"))
        options.insert("up", QJsonObject());
    for (const QString &name : options.keys()) {
        m_upstreams.push_back(
            std::make_unique<golden::UpstreamServer>(name, options[name].toObject(), *m_placeholders));
        QCOMPARE(m_upstreams.back()->listen(), QString());
    }
    const QString path = m_folder.filePath("bootstrap.json");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bootstrap());
    file.close();
    QSet<int> ports{m_placeholders->port("admin")};
    for (std::size_t i = 0; i < m_statements.size(); ++i)
        ports.insert(m_placeholders->port(QString("l%1").arg(i)));
    m_gateway = std::make_unique<golden::GatewayRun>(command, path, m_folder.path());
    const QString problem = m_gateway->waitListening(ports);
    QVERIFY2(problem.isEmpty(), qPrintable(problem));
}

void StatementTest::cleanupTestCase()
{
    if (m_gateway)
        QCOMPARE(m_gateway->stop(), QString());
    m_upstreams.clear();
}

void StatementTest::holds_data()
{
    QTest::addColumn<int>("number");
    for (std::size_t i = 0; i < m_statements.size(); ++i)
        QTest::newRow(qPrintable(m_statements[i].id)) << static_cast<int>(i);
}

const golden::UpstreamServer *StatementTest::upstream(const QString &name) const
{
    const auto found = std::find_if(m_upstreams.begin(), m_upstreams.end(),
                                    [&](const auto &each) { return each->name() == name; });
    return found == m_upstreams.end() ? nullptr : found->get();
}

QByteArray StatementTest::record(int number) const
{
    QFile file(m_folder.filePath(QString("%1.log").arg(number)));
    const QByteArray text = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    return text.endsWith('\n') ? text.chopped(1) : QByteArray();
}

void StatementTest::holds()
{
    QFETCH(int, number);
    const Statement &statement = m_statements[static_cast<std::size_t>(number)];
    const QString own = QString::number(number);
    QMap<QString, std::size_t> before;
    for (const QString &name : statement.seen.keys()) {
        QVERIFY(upstream(name) != nullptr);
        before.insert(name, upstream(name)->seenCount());
    }

    QJsonObject exchange = statement.exchange;
    exchange.insert("listener", "l" + own);
    exchange.insert("expect", QJsonObject{{"closes", statement.ends}});
    if (!exchange.contains("h2")) {
        exchange.insert("send", statement.steps);
        exchange.insert("methods", statement.methods);
    }
    const golden::Outcome outcome = golden::play(exchange, *m_placeholders);
    if (!statement.anyAnswer)
        QCOMPARE(shownAnswers(outcome, statement).join('\n'), expectedAnswers(statement).join('\n'));
    for (const QString &name : statement.seen.keys()) {
        const auto seen = [&] {
            QByteArrayList all;
            for (const golden::SeenRequest &request : upstream(name)->seenFrom(before[name]))
                all.append(shownRequest(request, statement));
            return all.join('\n');
        };
        QTRY_COMPARE(seen(), statement.seen[name]);
    }
    if (statement.record)
        QTRY_COMPARE(record(number), m_placeholders->text(QString::fromLatin1(*statement.record)).toLatin1());
    if (!statement.recordPattern.isEmpty()) {
        const QRegularExpression form(
            QRegularExpression::anchoredPattern(m_placeholders->text(statement.recordPattern)));
        QTRY_VERIFY(!record(number).isEmpty());
        QVERIFY2(form.match(QString::fromLatin1(record(number))).hasMatch(), record(number).constData());
    }
    for (auto it = statement.statistics.begin(); it != statement.statistics.end(); ++it) {
        const QString name = QString(it.key()).replace("@n@", own);
        const auto value = [&]() -> QJsonValue {
            return golden::readStats(m_placeholders->port("admin"), {name})[name];
        };
        const QJsonValue wanted = it.value() ? QJsonValue(*it.value()) : QJsonValue();
        QVERIFY2(QTest::qWaitFor([&] { return value() == wanted; }, 3000),
                 qPrintable(QString("%1 is %2").arg(name).arg(value().toInteger(-1))));
    }
    QVERIFY2(m_gateway->isRunning(), qPrintable(m_gateway->ending()));
}

} // namespace reference
