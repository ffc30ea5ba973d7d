// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/golden/player.h"

#include "tests/e2e/golden/comparison.h"
#include "tests/e2e/golden/gateway_run.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <mutex>
#include <unistd.h>

namespace golden {

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

using Upstreams = std::vector<std::unique_ptr<UpstreamServer>>;

/// Whether a refusal says where in the bootstrap the reason is: `bootstrap.json': static_resources.…: …`.
bool namesPlace(const QString &said)
{
    static const QRegularExpression place(R"(bootstrap\.json': [a-z]\w*([.\[][^ ]*)?: .)");
    return place.match(said).hasMatch();
}

QStringList playValidation(const QJsonObject &vector, const GatewayCommand &gateway,
                           const QString &configuration)
{
    const auto [status, said] = validate(gateway, configuration);
    if (status != vector["expect_exit"].toInt())
        return {QString("--mode validate: expected exit %1, got %2: %3")
                    .arg(vector["expect_exit"].toInt())
                    .arg(status == 2 ? "no ordinary end" : QString::number(status), said)};
    // Envoy's own refusals often do without.
    if (status == 1 && gateway.program.endsWith("sallyport-gateway") && !namesPlace(said))
        return {"--mode validate: the refusal has no JSON path: " + said};
    return {};
}

/// In the order of the upstreams' names: an object of JSON has none of its own here.
QJsonArray byUpstream(const QJsonArray &seen)
{
    std::vector<QJsonValue> sorted(seen.begin(), seen.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const QJsonValue &a, const QJsonValue &b) {
        return a["upstream"].toString() < b["upstream"].toString();
    });
    QJsonArray out;
    for (const QJsonValue &request : sorted)
        out.append(request);
    return out;
}

std::vector<std::pair<QString, SeenRequest>> seenSince(const Upstreams &upstreams,
                                                       const std::vector<std::size_t> &marks)
{
    std::vector<std::pair<QString, SeenRequest>> seen;
    for (std::size_t i = 0; i < upstreams.size(); ++i) {
        for (SeenRequest &request : upstreams[i]->seenFrom(marks[i]))
            seen.emplace_back(upstreams[i]->name(), std::move(request));
    }
    return seen;
}

/// What the upstreams saw of an exchange: some of it may come after the answer.
QJsonArray settledSeen(const QJsonObject &exchange, const QJsonObject &vector, const Upstreams &upstreams,
                       const std::vector<std::size_t> &marks, const Normaliser &normaliser)
{
    const auto deadline = Clock::now() + std::chrono::seconds(1);
    for (;;) {
        QJsonArray seen = comparable(seenSince(upstreams, marks), normaliser, vector);
        if (seen == byUpstream(exchange["upstream_saw"].toArray()) || Clock::now() > deadline)
            return seen;
        std::this_thread::sleep_for(milliseconds(10));
    }
}

QJsonObject settledStats(const QJsonObject &expected, Placeholders &placeholders)
{
    QStringList names;
    QHash<QString, QString> original;
    for (const QString &name : expected.keys()) {
        names.append(placeholders.text(name));
        original.insert(names.last(), name);
    }
    const auto deadline = Clock::now() + std::chrono::seconds(3);
    for (;;) {
        const QJsonObject read = readStats(placeholders.port("admin"), names);
        QJsonObject stats;
        for (auto it = read.begin(); it != read.end(); ++it)
            stats.insert(original.value(it.key(), it.key()), it.value());
        if (stats == expected || Clock::now() > deadline)
            return stats;
        std::this_thread::sleep_for(milliseconds(100));
    }
}

QByteArray contentOf(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The end of an exchange's connection reaches the gateway before the next exchange begins: what is logged
/// then tells, unless it is logged later anyway.
void awaitEnd(const QString &log, const QJsonObject &vector, qsizetype records)
{
    std::this_thread::sleep_for(milliseconds(10));
    const auto deadline = Clock::now() + milliseconds(200);
    while (!vector["log_ignored"].toBool() && contentOf(log).count('\n') < records && Clock::now() < deadline)
        std::this_thread::sleep_for(milliseconds(5));
}

/// Files as a vector's or an exchange's `files` have them: moved to their place, or written there.
QString putFiles(const QJsonArray &files, Placeholders &placeholders)
{
    for (const QJsonValue &each : files) {
        const QJsonObject file = placeholders.fill(each).toObject();
        const QByteArray path = QFile::encodeName(file["path"].toString());
        const QByteArray fresh = file["in_place"].toBool() ? path : path + ".new";
        if (file.contains("folder")) {
            if (!QDir().mkpath(QFile::decodeName(path)))
                return "cannot make " + path;
            continue;
        }
        if (file.contains("link")) {
            if (::symlink(QFile::encodeName(file["link"].toString()).constData(), fresh.constData()) != 0)
                return "cannot link " + path;
        } else {
            QFile out(QFile::decodeName(fresh));
            const QByteArray content = file.contains("copy") ? contentOf(file["copy"].toString())
                                       : file["json"].isObject()
                                           ? QJsonDocument(file["json"].toObject()).toJson()
                                           : file["text"].toString().toLatin1();
            if (!out.open(QIODevice::WriteOnly) || out.write(content) != content.size())
                return "cannot write " + path;
        }
        if (fresh != path && std::rename(fresh.constData(), path.constData()) != 0)
            return "cannot move " + path;
    }
    return {};
}

QStringList playExchanges(const QJsonObject &vector, GatewayRun &gateway, const Upstreams &upstreams,
                          Placeholders &placeholders)
{
    std::this_thread::sleep_for(milliseconds(vector["settle_ms"].toInt(50)));
    const Normaliser normaliser(placeholders, vector);
    QStringList out;
    QJsonArray expectedLog;
    KeptSessions sessions;
    int number = 0;
    for (const QJsonValue &value : vector["exchanges"].toArray()) {
        const QJsonObject exchange = value.toObject();
        std::vector<std::size_t> marks;
        for (const auto &upstream : upstreams)
            marks.push_back(upstream->seenCount());
        std::this_thread::sleep_for(milliseconds(exchange["pause_ms"].toInt()));
        if (const QString problem = putFiles(exchange["files"].toArray(), placeholders); !problem.isEmpty())
            return out + QStringList{problem};
        const QString where = QString("exchange[%1].").arg(number++);
        if (exchange.contains("stats"))
            out += differences(exchange["stats"], settledStats(exchange["stats"].toObject(), placeholders),
                               where + "stats");
        const Outcome outcome = play(exchange, placeholders, &sessions);
        if (!gateway.isRunning())
            return out + QStringList{"during the exchanges " + gateway.ending()};
        const QJsonArray seen = settledSeen(exchange, vector, upstreams, marks, normaliser);
        for (const QJsonValue &record : exchange["log"].toArray())
            expectedLog.append(record);
        awaitEnd(placeholders.folder() + "/access.log", vector, expectedLog.size());
        out += differences(exchange["expect"].toObject(), comparable(outcome, normaliser, exchange),
                           where + "expect");
        if (!vector["upstream_ignored"].toBool())
            out += differences(byUpstream(exchange["upstream_saw"].toArray()), seen, where + "upstream_saw");
    }
    if (vector.contains("stats"))
        out += differences(vector["stats"], settledStats(vector["stats"].toObject(), placeholders), "stats");
    const QJsonObject counts = vector["upstream_counts"].toObject();
    for (const auto &upstream : upstreams) {
        if (!counts.isEmpty())
            out += differences(counts[upstream->name()], static_cast<qint64>(upstream->seenCount()),
                               "upstream_counts." + upstream->name());
    }
    if (const QString badEnd = gateway.stop(); !badEnd.isEmpty())
        out += badEnd;
    if (!vector["log_ignored"].toBool())
        out += differences(
            expectedLog, comparableLog(contentOf(placeholders.folder() + "/access.log"), normaliser, vector),
            "log");
    return out;
}

} // namespace

QStringList playVector(const QString &name, const GatewayCommand &gateway, const QString &pki)
{
    const QTemporaryDir folder;
    Placeholders placeholders(folder.path(), pki);
    const QJsonObject vector = vectorFile(name, "exchanges.json");
    const QString configuration = folder.filePath("bootstrap.json");
    QFile file(configuration);
    if (!file.open(QIODevice::WriteOnly))
        return {"cannot write to " + folder.path()};
    file.write(QJsonDocument(placeholders.fill(vectorFile(name, "bootstrap.json")).toObject()).toJson());
    file.close();
    if (const QString problem = putFiles(vector["files"].toArray(), placeholders); !problem.isEmpty())
        return {problem};
    if (vector["validate"].toBool())
        return playValidation(vector, gateway, configuration);

    Upstreams upstreams;
    bool fixedAddresses = false;
    const QJsonObject options = vector["upstreams"].toObject();
    for (const QString &upstream : options.keys()) {
        fixedAddresses = fixedAddresses || options[upstream]["listen"].isString();
        upstreams.push_back(
            std::make_unique<UpstreamServer>(upstream, options[upstream].toObject(), placeholders));
    }
    static std::mutex addressesInUse;
    const auto alone = fixedAddresses ? std::unique_lock(addressesInUse) : std::unique_lock<std::mutex>();
    for (const auto &upstream : upstreams) {
        if (const QString problem = upstream->listen(); !problem.isEmpty())
            return {problem};
    }
    QStringList names{"main"};
    if (vector.contains("listeners")) {
        names.clear();
        for (const QJsonValue &listener : vector["listeners"].toArray())
            names.append(listener.toString());
    }
    QSet<int> ports;
    for (const QString &listener : std::as_const(names))
        ports.insert(placeholders.port(listener));
    GatewayRun run(gateway, configuration, folder.path());
    if (const QString problem = run.waitListening(ports); !problem.isEmpty())
        return {problem};
    return playExchanges(vector, run, upstreams, placeholders);
}

} // namespace golden
