// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/traffic/hop_field_model.h"

#include <QAbstractItemModelTester>
#include <QJsonArray>
#include <QJsonObject>
#include <QtTest>

using namespace sallyport;
using traffic::HopFieldModel;

class TestHopFieldModel : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void aColumnForEachLineAndARowForEachField();
    void valuesAreWrittenAsTheLogHasThem();
    void anotherRequestReplacesIt();

private:
    static control::LogEntry line(const QString &proxy, const QJsonObject &fields)
    {
        control::LogEntry entry;
        entry.proxy = proxy;
        entry.fields = fields;
        return entry;
    }
    QString value(const QString &field, int column) const;

    std::unique_ptr<HopFieldModel> m_model;
    std::unique_ptr<QAbstractItemModelTester> m_tester;
};

void TestHopFieldModel::init()
{
    m_tester.reset();
    m_model = std::make_unique<HopFieldModel>();
    m_tester = std::make_unique<QAbstractItemModelTester>(
        m_model.get(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    m_model->setEntries(
        {line("primary:default/sleep", {{"zone", "a"}, {"response_code", 403}, {"path", "/x"}}),
         line("external:istio-system/istio-ingressgateway", {{"response_code", 403},
                                                             {"bytes", QJsonArray{1, 2}},
                                                             {"upstream_host", QJsonValue::Null},
                                                             {"retried", false}})});
}

QString TestHopFieldModel::value(const QString &field, int column) const
{
    for (int row = 0; row < m_model->rowCount(); ++row) {
        if (m_model->headerData(row, Qt::Vertical).toString() == field)
            return m_model->index(row, column).data().toString();
    }
    return "no such field";
}

void TestHopFieldModel::aColumnForEachLineAndARowForEachField()
{
    QCOMPARE(m_model->columnCount(), 2);
    QStringList fields;
    for (int row = 0; row < m_model->rowCount(); ++row)
        fields.append(m_model->headerData(row, Qt::Vertical).toString());
    // What a person looks for first, then by name.
    QCOMPARE(fields, (QStringList{"path", "response_code", "upstream_host", "bytes", "retried", "zone"}));
    QCOMPARE(m_model->headerData(0, Qt::Horizontal).toString(), "sleep");
    QCOMPARE(m_model->headerData(1, Qt::Horizontal, Qt::ToolTipRole).toString(),
             "external:istio-system/istio-ingressgateway");
}

void TestHopFieldModel::valuesAreWrittenAsTheLogHasThem()
{
    QCOMPARE(value("response_code", 0), "403");
    QCOMPARE(value("path", 0), "/x");
    QCOMPARE(value("path", 1), "-");
    QCOMPARE(value("bytes", 1), "[1,2]");
    QCOMPARE(value("retried", 1), "false");
    QCOMPARE(value("upstream_host", 1), "-");
}

void TestHopFieldModel::anotherRequestReplacesIt()
{
    m_model->setEntries({line("primary:default/sleep", {{"path", "/y"}})});
    QCOMPARE(m_model->rowCount(), 1);
    QCOMPARE(m_model->columnCount(), 1);
    QCOMPARE(value("path", 0), "/y");
    m_model->setEntries({});
    QCOMPARE(m_model->rowCount(), 0);
    QCOMPARE(m_model->columnCount(), 0);
}

QTEST_GUILESS_MAIN(TestHopFieldModel)
#include "test_hop_field_model.moc"
