// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/problem_filter.h"
#include "ui/problems/problem_table_model.h"

#include <QAbstractItemModelTester>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::problems;

namespace {

Finding finding(const QString &message, model::Severity severity = model::Severity::Error, int line = 1)
{
    Finding made;
    made.code = QStringLiteral("EGR0102");
    made.severity = severity;
    made.message = message;
    made.hint = QStringLiteral("do it");
    made.file = QStringLiteral("primary/a.yaml");
    made.line = line;
    made.mesh = QStringLiteral("primary");
    made.resource = QStringLiteral("Gateway default/a");
    return made;
}

} // namespace

class TestProblemTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void cells();
    void rowsThatStayAreNotTouched();
    void anyChangeKeepsTheModelWhole();
    void filters();
    void sortsPlacesByLine();
};

void TestProblemTable::cells()
{
    ProblemTableModel model;
    model.setFindings({finding(QStringLiteral("wrong"), model::Severity::Warning, 7)});
    const auto text = [&](int column, int role = Qt::DisplayRole) {
        return model.index(0, column).data(role).toString();
    };
    QCOMPARE(text(ProblemTableModel::SeverityColumn), QStringLiteral("Warning"));
    QCOMPARE(text(ProblemTableModel::PlaceColumn), QStringLiteral("primary/a.yaml:7"));
    QCOMPARE(text(ProblemTableModel::ResourceColumn), QStringLiteral("primary: Gateway default/a"));
    QCOMPARE(text(ProblemTableModel::MessageColumn, Qt::ToolTipRole), QStringLiteral("wrong\ndo it"));
    QCOMPARE(text(ProblemTableModel::SeverityColumn, Qt::AccessibleTextRole),
             QStringLiteral("Warning EGR0102: wrong, primary/a.yaml:7"));
    for (int column = 0; column < ProblemTableModel::ColumnCount; ++column)
        QVERIFY(!model.headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().isEmpty());
}

void TestProblemTable::rowsThatStayAreNotTouched()
{
    ProblemTableModel model;
    model.setFindings(
        {finding(QStringLiteral("a")), finding(QStringLiteral("b")), finding(QStringLiteral("c"))});
    const QPersistentModelIndex last = model.index(2, 0);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    model.setFindings({finding(QStringLiteral("a")), finding(QStringLiteral("x")),
                       finding(QStringLiteral("y")), finding(QStringLiteral("c"))});
    QVERIFY(last.isValid());
    QCOMPARE(last.row(), 3);
    QCOMPARE(model.index(1, ProblemTableModel::MessageColumn).data().toString(), QStringLiteral("x"));
    model.setFindings({});
    QCOMPARE(model.rowCount(), 0);
    QVERIFY(resets.isEmpty());
}

void TestProblemTable::anyChangeKeepsTheModelWhole()
{
    ProblemTableModel model;
    ProblemFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QAbstractItemModelTester filterTester(&filter,
                                                QAbstractItemModelTester::FailureReportingMode::QtTest);
    QRandomGenerator random(3);
    for (int round = 0; round < 100; ++round) {
        std::vector<Finding> findings;
        const int count = static_cast<int>(random.bounded(6));
        for (int i = 0; i < count; ++i)
            findings.push_back(finding(QString(QChar('a' + static_cast<int>(random.bounded(4)))),
                                       static_cast<model::Severity>(random.bounded(3))));
        model.setFindings(findings);
        QCOMPARE(model.rowCount(), count);
        for (int i = 0; i < count; ++i)
            QCOMPARE(model.finding(model.index(i, 0))->message,
                     findings[static_cast<std::size_t>(i)].message);
        filter.setShown(model::Severity::Error, random.bounded(2) == 0);
    }
}

void TestProblemTable::filters()
{
    ProblemTableModel model;
    model.setFindings({finding(QStringLiteral("unknown field")),
                       finding(QStringLiteral("no namespace"), model::Severity::Warning)});
    ProblemFilter filter;
    filter.setSourceModel(&model);
    QCOMPARE(filter.rowCount(), 2);
    filter.setWords(QStringLiteral("FIELD egr0102"));
    QCOMPARE(filter.rowCount(), 1);
    filter.setWords(QStringLiteral("field warning"));
    QCOMPARE(filter.rowCount(), 0);
    filter.setWords({});
    filter.setShown(model::Severity::Error, false);
    QCOMPARE(filter.rowCount(), 1);
    QVERIFY(!filter.isShown(model::Severity::Error));
    filter.setShown(model::Severity::Error, true);
    QCOMPARE(filter.rowCount(), 2);
}

void TestProblemTable::sortsPlacesByLine()
{
    ProblemTableModel model;
    model.setFindings({finding(QStringLiteral("late"), model::Severity::Error, 100),
                       finding(QStringLiteral("early"), model::Severity::Error, 9)});
    ProblemFilter filter;
    filter.setSourceModel(&model);
    filter.sort(ProblemTableModel::PlaceColumn);
    QCOMPARE(filter.index(0, ProblemTableModel::MessageColumn).data().toString(), QStringLiteral("early"));
}

QTEST_GUILESS_MAIN(TestProblemTable)
#include "test_problem_table.moc"
