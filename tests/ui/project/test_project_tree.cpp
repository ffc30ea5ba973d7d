// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/problems/project_findings.h"
#include "ui/project/project_panel.h"
#include "ui/project/resource_changes.h"
#include "ui/theme/empty_state.h"
#include "ui/theme/theme.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QLineEdit>
#include <QMenu>
#include <QRandomGenerator>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QToolButton>
#include <QTreeView>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::project;

namespace {

/// What readers and walks on other threads may take on a busy machine, in milliseconds.
constexpr int patience = 30'000;

std::string manifest(const std::string &kind, const std::string &name,
                     const std::string &nameSpace = "default", const std::string &spec = "")
{
    const std::string group = kind == "Namespace" || kind == "Service" ? "v1" : "networking.istio.io/v1";
    return "apiVersion: " + group + "\nkind: " + kind + "\nmetadata:\n  name: " + name +
           "\n  namespace: " + nameSpace + "\n" + spec + "---\n";
}

const std::string rule = "spec:\n  host: test.com\n  trafficPolicy:\n    tls:\n      mode: SIMPEL\n";

std::vector<model::SourceFile> someFiles()
{
    return {{"external/a.yaml", manifest("Gateway", "in", "istio-system")},
            {"primary/a.yaml", manifest("Service", "web") +
                                   manifest("DestinationRule", "out", "default", rule) +
                                   manifest("ServiceEntry", "test-com")},
            {"primary/b.yaml", "kind: [\n"}};
}

model::Project someProject(std::vector<model::SourceFile> files = someFiles())
{
    return model::projectFromFiles("/p", std::move(files), {});
}

std::vector<TreeNode> tree(const model::Project &project)
{
    return treeOf(project, {{".sallyport/hosts", ""}, {".sallyport/layout.json", "{}"}},
                  problems::findingsOf(project, nullptr, {}));
}

void append(QStringList &lines, const std::vector<TreeNode> &nodes, int depth)
{
    for (const TreeNode &node : nodes) {
        lines.append(QString(depth * 2, ' ') + node.spoken());
        append(lines, node.children, depth + 1);
    }
}

QStringList spoken(const std::vector<TreeNode> &nodes)
{
    QStringList lines;
    append(lines, nodes, 0);
    return lines;
}

QStringList rows(const QAbstractItemModel &model, const QModelIndex &parent = {}, int depth = 0)
{
    QStringList lines;
    for (int row = 0; row < model.rowCount(parent); ++row) {
        const QModelIndex index = model.index(row, 0, parent);
        lines.append(QString(depth * 2, ' ') + index.data(Qt::AccessibleTextRole).toString());
        lines += rows(model, index, depth + 1);
    }
    return lines;
}

} // namespace

class TestProjectTree : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void whatIsShown();
    void indexesStay();
    void anyProjectKeepsTheModelWhole();
    void filters();
    void newResourcesAreFree();
    void deletes();
    void thePanel();

private:
    theme::Theme m_theme{*qApp};
    QTemporaryDir m_place;
};

void TestProjectTree::initTestCase()
{
    qputenv("XDG_DATA_HOME", m_place.filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place.filePath("state").toUtf8());
}

void TestProjectTree::whatIsShown()
{
    const QStringList lines = spoken(tree(someProject()));
    const auto has = [&lines](const QString &line) {
        return std::any_of(lines.begin(), lines.end(),
                           [&](const QString &each) { return each.startsWith(line); });
    };
    QVERIFY2(has("mesh external"), qPrintable(lines.join('\n')));
    QVERIFY2(has("  namespace istio-system"), qPrintable(lines.join('\n')));
    QVERIFY2(has("    DestinationRule out, 1 error"), qPrintable(lines.join('\n')));
    QVERIFY2(has("b.yaml, cannot be read, 1 error"), qPrintable(lines.join('\n')));
    QVERIFY2(has("  hosts"), qPrintable(lines.join('\n')));
    QVERIFY(!lines.join('\n').contains("layout"));
    // Istio's before Kubernetes', in the order of a way out.
    const auto at = [&](const QString &part) {
        return lines.indexOf(QRegularExpression("^ *" + part + ".*"));
    };
    QVERIFY(at("ServiceEntry test-com") < at("DestinationRule out"));
    QVERIFY(at("DestinationRule out") < at("Service web"));
    // Counts add up.
    int below = 0;
    for (const TreeNode &mesh : tree(someProject())) {
        if (mesh.title == "primary")
            below = mesh.errors;
    }
    QVERIFY(below >= 1);
}

void TestProjectTree::indexesStay()
{
    TreeModel model;
    model.setTree(tree(someProject()));
    const session::ResourceSelection where{"primary/a.yaml", 1, -1, "spec.host"};
    const QPersistentModelIndex index = model.indexOf(where);
    QVERIFY(index.isValid());
    QCOMPARE(model.nodeAt(index)->title, "out");
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    std::vector<model::SourceFile> files = someFiles();
    files[0].text += manifest("VirtualService", "way");
    files[2].text = manifest("Gateway", "more");
    model.setTree(tree(someProject(files)));
    QVERIFY(index.isValid());
    QCOMPARE(model.nodeAt(index)->title, "out");
    QVERIFY(resets.isEmpty());
    QCOMPARE(rows(model), spoken(tree(someProject(files))));
    QVERIFY(!model.indexOf({"primary/a.yaml", 9, -1, {}}).isValid());
    model.setTree({});
    QCOMPARE(model.rowCount(), 0);
}

void TestProjectTree::anyProjectKeepsTheModelWhole()
{
    TreeModel model;
    TreeFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const QAbstractItemModelTester filterTester(&filter,
                                                QAbstractItemModelTester::FailureReportingMode::QtTest);
    QRandomGenerator random(11);
    const std::array kinds{"Gateway", "DestinationRule", "Service", "Namespace"};
    for (int round = 0; round < 100; ++round) {
        std::vector<model::SourceFile> files;
        for (const char *path : {"external/a.yaml", "primary/a.yaml", "primary/b.yaml"}) {
            std::string text;
            for (quint32 i = random.bounded(5U); i > 0; --i)
                text += random.bounded(8) == 0
                            ? "kind: [\n---\n"
                            : manifest(kinds[random.bounded(4)],
                                       std::string(1, static_cast<char>('a' + random.bounded(3))),
                                       random.bounded(2) == 0 ? "default" : "other");
            files.push_back({path, text});
        }
        const model::Project project = someProject(files);
        model.setTree(tree(project));
        QCOMPARE(rows(model), spoken(tree(project)));
        if (round % 10 == 0)
            filter.setWords(random.bounded(2) == 0 ? QString("gateway") : QString());
    }
}

void TestProjectTree::filters()
{
    TreeModel model;
    model.setTree(tree(someProject()));
    TreeFilter filter;
    filter.setSourceModel(&model);
    filter.setWords("destinationrule OUT");
    QStringList lines = rows(filter);
    QCOMPARE(lines.size(), 3); // with its namespace and mesh
    filter.setWords("error");
    QVERIFY(rows(filter).join('\n').contains("b.yaml"));
    filter.setWords("istio-system");
    QVERIFY(rows(filter).join('\n').contains("Gateway in"));
    filter.setWords("nothing like it");
    QCOMPARE(filter.rowCount(), 0);
    filter.setWords({});
    QCOMPARE(rows(filter), rows(model));
}

void TestProjectTree::newResourcesAreFree()
{
    model::Project project = someProject();
    for (const editor::Kind &kind : editor::kinds()) {
        if (kind.skeleton.isEmpty())
            continue;
        const NewResource first = newResource(project, project.files, kind, "primary", "default");
        auto once = model::applied(project, first.changes);
        QVERIFY(once.has_value());
        const NewResource second = newResource(*once, once->files, kind, "primary", "default");
        QVERIFY(second.name != first.name);
        QVERIFY(second.where.file != first.where.file);
        QVERIFY(first.where.file.startsWith("primary/"));
        auto twice = model::applied(*once, second.changes);
        QVERIFY(twice.has_value());
        TreeModel model;
        model.setTree(tree(*twice));
        QVERIFY(model.indexOf(first.where).isValid());
        QCOMPARE(model.nodeAt(model.indexOf(second.where))->title, second.name);
    }
    // A mesh whose YAML lies in the project's own folder.
    const model::Project flat = someProject({{"a.yaml", manifest("Gateway", "in")}});
    QCOMPARE(newResource(flat, flat.files, editor::kinds().front(), "primary", "default").where.file,
             "service-entry.yaml");
}

void TestProjectTree::deletes()
{
    const std::vector<model::SourceFile> files = someFiles();
    const auto one = deleteResource(files, {"primary/a.yaml", 1, -1, {}}, false);
    QVERIFY(one.has_value());
    QVERIFY(one->front().after->find("DestinationRule") == std::string::npos);
    QVERIFY(one->front().after->find("ServiceEntry") != std::string::npos);
    const auto whole = deleteResource(files, {"primary/b.yaml", 0, -1, {}}, true);
    QVERIFY(whole.has_value());
    QVERIFY(!whole->front().after);
    QVERIFY(!deleteResource(files, {"primary/none.yaml", 0, -1, {}}, false));
}

void TestProjectTree::thePanel()
{
    QDir folder(m_place.path());
    for (const model::SourceFile &file : someFiles()) {
        const QString path = folder.filePath("project/" + QString::fromStdString(file.path));
        QVERIFY(folder.mkpath(QFileInfo(path).path()));
        QFile out(path);
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(file.text.c_str());
    }
    session::ProjectSession project;
    session::LabSession lab(project, {});
    session::Selection selection;
    session::Context context{project, lab, selection};
    problems::FindingList findings(context);
    ProjectPanel panel(context, findings);
    panel.resize(260, 600);
    panel.show();
    QVERIFY(panel.findChild<theme::EmptyState *>()->isVisible());
    project.open(folder.filePath("project"));
    auto *view = panel.findChild<QTreeView *>("projectTree");
    QTRY_VERIFY_WITH_TIMEOUT(view->isVisible(), patience);
    QVERIFY(view->model()->rowCount() >= 2);

    // What is selected elsewhere is marked here, and the other way round.
    const session::ResourceSelection out{"primary/a.yaml", 1, -1, "spec.host"};
    selection.set(out);
    QVERIFY2(view->currentIndex().data().toString() == "DestinationRule out",
             qPrintable(view->currentIndex().data().toString()));
    QVERIFY(*selection.as<session::ResourceSelection>() == out); // its field stays
    const QModelIndex above = view->indexAbove(view->currentIndex());
    view->setCurrentIndex(above);
    QCOMPARE(selection.as<session::ResourceSelection>()->document, 2);
    selection.set(session::NodeSelection{"x"});
    panel.showResource({"primary/a.yaml", 0, -1, {}});
    QCOMPARE(view->currentIndex().data().toString(), "Service web");
    QVERIFY(selection.as<session::NodeSelection>());

    // Taken out, and back by undo, in its place.
    panel.findChild<QAction *>("projectDelete")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!rows(*view->model()).join('\n').contains("Service web"), patience);
    QVERIFY(selection.as<session::NodeSelection>()); // what the view moves to is nobody's choice
    project.undoStack().undo();
    QTRY_VERIFY_WITH_TIMEOUT(rows(*view->model()).join('\n').contains("Service web"), patience);

    // A new one is selected and its text wanted.
    QSignalSpy wanted(&panel, &ProjectPanel::yamlWanted);
    auto *button = panel.findChild<QToolButton *>("projectNew");
    Q_EMIT button->menu()->aboutToShow();
    button->menu()->actions().front()->trigger();
    QCOMPARE(wanted.count(), 1);
    QTRY_COMPARE_WITH_TIMEOUT(view->currentIndex().data().toString(), "ServiceEntry new-service-entry",
                              patience);
    QVERIFY(view->isExpanded(view->currentIndex().parent()));

    auto *words = panel.findChild<QLineEdit *>("projectFilter");
    words->setText("no such thing");
    QVERIFY(panel.findChild<theme::EmptyState *>()->isVisible());
    words->clear();
    QVERIFY(view->isVisible());
    QVERIFY(!view->grab().isNull());
    project.close();
    QVERIFY(panel.findChild<theme::EmptyState *>()->isVisible());
}

QTEST_MAIN(TestProjectTree)
#include "test_project_tree.moc"
