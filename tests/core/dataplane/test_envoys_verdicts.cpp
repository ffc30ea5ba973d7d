// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/bootstrap.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::dataplane;

namespace {

/// `value` with `path` (names and list indexes) set to `to`, or taken away if that is undefined.
QJsonValue changed(const QJsonValue &value, const QJsonArray &path, qsizetype depth, const QJsonValue &to)
{
    if (depth == path.size())
        return to;
    const QJsonValue step = path.at(depth);
    if (step.isString()) {
        QJsonObject object = value.toObject();
        const QJsonValue inner = changed(object.value(step.toString()), path, depth + 1, to);
        if (inner.isUndefined())
            object.remove(step.toString());
        else
            object[step.toString()] = inner;
        return object;
    }
    QJsonArray array = value.toArray();
    const qsizetype index = step.toInt();
    const QJsonValue inner =
        changed(index < array.size() ? array.at(index) : QJsonValue(), path, depth + 1, to);
    if (inner.isUndefined())
        array.removeAt(index);
    else if (index < array.size())
        array[index] = inner;
    else
        array.append(inner);
    return array;
}

} // namespace

/// What Envoy 1.40 says in `--mode validate` to one change after the other of a good bootstrap, recorded:
/// what it refuses is refused here too, with the JSON path, and what it takes is taken.
class TestEnvoysVerdicts : public QObject
{
    Q_OBJECT

    /// A small bootstrap and one with every kind of message, each with its changes.
    static constexpr const char *files[] = {"envoys_verdicts.json", "envoys_verdicts_field_by_field.json"};
    std::vector<QJsonObject> m_recorded;

private Q_SLOTS:
    void initTestCase()
    {
        for (const char *name : files) {
            QFile file(QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/core/dataplane/") + QLatin1String(name));
            QVERIFY(file.open(QIODevice::ReadOnly));
            m_recorded.push_back(QJsonDocument::fromJson(file.readAll()).object());
            QVERIFY(m_recorded.back().value(QLatin1String("cases")).toArray().size() > 300);
        }
    }

    void theBasesAreGood()
    {
        for (const QJsonObject &recorded : m_recorded) {
            const QJsonDocument base(recorded.value(QLatin1String("base")).toObject());
            const Result<Bootstrap> decoded = decodeBootstrap(base.toJson());
            QVERIFY2(decoded, decoded ? "" : decoded.error().toString().c_str());
        }
    }

    void verdict_data()
    {
        QTest::addColumn<QJsonValue>("base");
        QTest::addColumn<QJsonObject>("recorded");
        for (const QJsonObject &file : m_recorded) {
            for (const QJsonValue &recorded : file.value(QLatin1String("cases")).toArray())
                QTest::newRow(qPrintable(recorded.toObject().value(QLatin1String("name")).toString()))
                    << file.value(QLatin1String("base")) << recorded.toObject();
        }
    }
    void verdict()
    {
        QFETCH(QJsonValue, base);
        QFETCH(QJsonObject, recorded);
        QJsonValue bootstrap = base;
        for (const QJsonValue &change : recorded.value(QLatin1String("changes")).toArray())
            bootstrap = changed(bootstrap, change.toObject().value(QLatin1String("at")).toArray(), 0,
                                change.toObject().value(QLatin1String("to")));
        const QByteArray text = QJsonDocument(bootstrap.toObject()).toJson();
        const Result<Bootstrap> decoded = decodeBootstrap(text);
        if (!recorded.value(QLatin1String("refused")).toBool()) {
            QVERIFY2(decoded, decoded ? "" : decoded.error().toString().c_str());
            return;
        }
        QVERIFY2(!decoded, text.constData());
        QCOMPARE(QString::fromStdString(decoded.error().where.file),
                 recorded.value(QLatin1String("path")).toString());
        QVERIFY(!decoded.error().what.empty());
    }
};

QTEST_APPLESS_MAIN(TestEnvoysVerdicts)
#include "test_envoys_verdicts.moc"
