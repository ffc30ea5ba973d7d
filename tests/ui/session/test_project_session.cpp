// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/project_template.h"
#include "ui/session/project_session.h"

#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::session;

namespace {

const std::string serviceEntry = "primary/10-service-entry.yaml";

QByteArray readFile(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeFile(const QString &path, const QByteArray &text)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    file.write(text);
}

} // namespace

class TestProjectSession : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void opensReadsAndCompiles();
    void whatIsNoFolderSaysSo();
    void anEditIsOneStepAndMakesAllNew();
    void aStepThatDoesNotFitChangesNothing();
    void typingIsOneStep();
    void saveWritesWhatChanged();
    void stagesAreStepsToo();
    void settingsAreSavedWithTheRest();
    void anotherProgramsChangeIsTakenOver();
    void anotherProgramsChangeDoesNotEatAnEdit();
    void aCrashCostsNothing();
    void anyStepsBackGiveTheBeginning();

private:
    void open(ProjectSession &session);
    void edit(ProjectSession &session, const std::string &path, const QByteArray &from, const QByteArray &to,
              const QString &mergeKey = {});
    QString file(const std::string &path) const { return m_folder + '/' + QString::fromStdString(path); }

    std::unique_ptr<QTemporaryDir> m_place;
    QString m_folder;
};

void TestProjectSession::initTestCase()
{
    // Keys take their time: the project is made once and its texts are put back before each test.
    m_place = std::make_unique<QTemporaryDir>();
    qputenv("XDG_DATA_HOME", m_place->filePath("data").toUtf8());
    qputenv("XDG_STATE_HOME", m_place->filePath("state").toUtf8());
    m_folder = m_place->filePath("project");
    QVERIFY(lab::createFromTemplate(m_folder.toStdString(), 4, true));
}

void TestProjectSession::init()
{
    QVERIFY(QDir(m_folder).removeRecursively());
    for (const model::SourceFile &each : lab::stageFiles(4)) {
        QVERIFY(QDir().mkpath(QFileInfo(file(each.path)).path()));
        writeFile(file(each.path), QByteArray::fromStdString(each.text));
    }
}

void TestProjectSession::open(ProjectSession &session)
{
    QSignalSpy opened(&session, &ProjectSession::opened);
    QSignalSpy compiled(&session, &ProjectSession::compiledChanged);
    session.open(m_folder);
    QVERIFY(opened.wait());
    if (compiled.isEmpty())
        QVERIFY(compiled.wait());
}

void TestProjectSession::edit(ProjectSession &session, const std::string &path, const QByteArray &from,
                              const QByteArray &to, const QString &mergeKey)
{
    const std::string before = session.text(path).value();
    const std::string after = QByteArray::fromStdString(before).replace(from, to).toStdString();
    QVERIFY(before != after);
    QVERIFY(session.apply("Edit", model::FileChanges{{path, before, after}}, mergeKey));
}

void TestProjectSession::opensReadsAndCompiles()
{
    ProjectSession session;
    open(session);
    QCOMPARE(session.title(), "project");
    QCOMPARE(session.stage(), 4);
    QVERIFY(!session.isModified());
    QCOMPARE(session.project()->meshes.size(), 2u);
    QVERIFY(session.project()->findMesh("primary")->findSecret("istio-system", "test.client"));
    QVERIFY(session.compiled()->errors.empty());
    QCOMPARE(session.compiled()->proxies.size(), 4u);
    QVERIFY(session.addresses()->names.size() >= 4);
    QVERIFY(session.text(".sallyport/hosts"));
}

void TestProjectSession::whatIsNoFolderSaysSo()
{
    ProjectSession session;
    open(session);
    QSignalSpy failed(&session, &ProjectSession::openFailed);
    session.open(m_place->filePath("nothing"));
    QVERIFY(failed.wait());
    QVERIFY(failed.front().front().toString().contains("no such folder"));
    // What was open stays open.
    QCOMPARE(session.folder(), QFileInfo(m_folder).canonicalFilePath());
}

void TestProjectSession::anEditIsOneStepAndMakesAllNew()
{
    ProjectSession session;
    open(session);
    QSignalSpy texts(&session, &ProjectSession::textsChanged);
    QSignalSpy compiled(&session, &ProjectSession::compiledChanged);
    model::ProjectEdit change(session.files());
    const auto &entry = session.project()->findMesh("primary")->serviceEntries.front();
    QVERIFY(change.setScalar(model::ResourceAddress::of(entry), "spec.hosts[0]", "other.com"));
    QVERIFY(session.apply("Set hosts", change));
    QCOMPARE(texts.size(), 1);
    QCOMPARE(session.undoStack().count(), 1);
    QCOMPARE(session.undoStack().undoText(), "Set hosts");
    QVERIFY(session.isModified());
    QVERIFY(compiled.wait());
    QCOMPARE(session.project()->findMesh("primary")->serviceEntries.front().hosts.front(), "other.com");
    session.undoStack().undo();
    QVERIFY(!session.isModified());
    QVERIFY(compiled.wait());
    QCOMPARE(session.project()->findMesh("primary")->serviceEntries.front().hosts.front(), "test.com");
}

void TestProjectSession::aStepThatDoesNotFitChangesNothing()
{
    ProjectSession session;
    open(session);
    const auto files = session.files();
    const auto refused = session.apply("Edit", model::FileChanges{{serviceEntry, "something else", "new"}});
    QVERIFY(!refused);
    QVERIFY(session.files() == files);
    QCOMPARE(session.undoStack().count(), 0);
}

void TestProjectSession::typingIsOneStep()
{
    ProjectSession session;
    open(session);
    edit(session, serviceEntry, "test.com", "a.com", "typing");
    edit(session, serviceEntry, "a.com", "ab.com", "typing");
    QCOMPARE(session.undoStack().count(), 1);
    session.endMerging();
    edit(session, serviceEntry, "ab.com", "abc.com", "typing");
    QCOMPARE(session.undoStack().count(), 2);
    // Back to what it was: the step is none.
    edit(session, serviceEntry, "abc.com", "ab.com", "typing");
    QCOMPARE(session.undoStack().count(), 1);
    session.undoStack().undo();
    QVERIFY(!session.isModified());
}

void TestProjectSession::saveWritesWhatChanged()
{
    ProjectSession session;
    open(session);
    const QByteArray before = readFile(file(serviceEntry));
    edit(session, serviceEntry, "test.com", "other.com");
    QCOMPARE(readFile(file(serviceEntry)), before);
    QVERIFY(session.save());
    QVERIFY(!session.isModified());
    QVERIFY(session.undoStack().isClean());
    QCOMPARE(readFile(file(serviceEntry)), QByteArray::fromStdString(session.text(serviceEntry).value()));
    session.undoStack().undo();
    QVERIFY(session.isModified());
    QVERIFY(session.save());
    QCOMPARE(readFile(file(serviceEntry)), before);
}

void TestProjectSession::stagesAreStepsToo()
{
    ProjectSession session;
    open(session);
    const auto files = session.files();
    QSignalSpy stage(&session, &ProjectSession::stageChanged);
    QVERIFY(session.setStage(2));
    QCOMPARE(session.stage(), 2);
    QCOMPARE(stage.size(), 1);
    QVERIFY(!session.text("primary/14-originate-mtls.yaml"));
    session.undoStack().undo();
    QCOMPARE(session.stage(), 4);
    QVERIFY(session.files() == files);
    QVERIFY(!session.setStage(6));
}

void TestProjectSession::settingsAreSavedWithTheRest()
{
    ProjectSession session;
    open(session);
    QVERIFY(session.apply("Move", model::FileChanges{{".sallyport/layout.json", std::nullopt, "{}"}}));
    QVERIFY(session.isModified());
    QCOMPARE(session.project()->meshes.size(), 2u);
    QVERIFY(session.save());
    QCOMPARE(readFile(file(".sallyport/layout.json")), "{}");
    QVERIFY(model::loadProject(m_folder.toStdString())->meshes.size() == 2);
}

void TestProjectSession::anotherProgramsChangeIsTakenOver()
{
    ProjectSession session;
    open(session);
    QSignalSpy changed(&session, &ProjectSession::changedOnDisk);
    const QByteArray theirs = readFile(file(serviceEntry)).replace("test.com", "theirs.com");
    writeFile(file(serviceEntry), theirs);
    QVERIFY(changed.wait());
    QCOMPARE(changed.front().at(0).toString(), QString::fromStdString(serviceEntry));
    QCOMPARE(changed.front().at(1).toBool(), false);
    QCOMPARE(QByteArray::fromStdString(session.text(serviceEntry).value()), theirs);
    QVERIFY(!session.isModified());
}

void TestProjectSession::anotherProgramsChangeDoesNotEatAnEdit()
{
    ProjectSession session;
    open(session);
    edit(session, serviceEntry, "test.com", "mine.com");
    const std::string mine = session.text(serviceEntry).value();
    QSignalSpy changed(&session, &ProjectSession::changedOnDisk);
    const QByteArray theirs = readFile(file(serviceEntry)).replace("test.com", "theirs.com");
    writeFile(file(serviceEntry), theirs);
    QVERIFY(changed.wait());
    QCOMPARE(changed.front().at(1).toBool(), true);
    QCOMPARE(session.text(serviceEntry).value(), mine);
    // Neither text goes under unasked.
    QVERIFY(!session.save());
    QCOMPARE(readFile(file(serviceEntry)), theirs);
    session.keepMine(QString::fromStdString(serviceEntry));
    QVERIFY(session.save());
    QCOMPARE(readFile(file(serviceEntry)), QByteArray::fromStdString(mine));
}

void TestProjectSession::aCrashCostsNothing()
{
    // A process that ends without a word leaves its lock and its file: this one stands for it.
    const QString left = m_place->filePath("left.json");
    {
        ProjectSession session;
        open(session);
        edit(session, serviceEntry, "test.com", "unsaved.com");
        const QDir recovery(m_place->filePath("state/sallyport/recovery"));
        QTRY_COMPARE(recovery.entryList({"*.json"}, QDir::Files).size(), 1);
        const QString path = recovery.filePath(recovery.entryList({"*.json"}, QDir::Files).front());
        QCOMPARE(QFile::permissions(path) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
        QVERIFY(QFile::copy(path, left));
        writeFile(m_place->filePath("path"), path.toUtf8());
    }
    const QString path = QString::fromUtf8(readFile(m_place->filePath("path")));
    QVERIFY(!QFile::exists(path)); // ended well: nothing stays
    QVERIFY(QFile::copy(left, path));
    ProjectSession session;
    open(session);
    QVERIFY(session.unsavedWork());
    QVERIFY(!session.isModified());
    QVERIFY(session.recoverUnsavedWork());
    QVERIFY(session.isModified());
    QVERIFY(session.text(serviceEntry)->find("unsaved.com") != std::string::npos);
    session.undoStack().undo();
    QVERIFY(session.text(serviceEntry)->find("test.com") != std::string::npos);
}

void TestProjectSession::anyStepsBackGiveTheBeginning()
{
    ProjectSession session;
    open(session);
    const auto files = session.files();
    const auto settings = session.settings();
    QRandomGenerator random(7);
    for (int i = 0; i < 60; ++i) {
        const int what = random.bounded(4);
        if (what == 0) {
            QVERIFY(session.setStage(1 + random.bounded(5)));
        } else if (what == 1) {
            const auto &file = session.files()[random.bounded(quint32(session.files().size()))];
            QVERIFY(session.apply("Edit", model::FileChanges{{file.path, file.text, file.text + "# more\n"}},
                                  random.bounded(2) ? "typing" : ""));
        } else if (what == 2 && session.undoStack().canUndo()) {
            session.undoStack().undo();
        } else {
            const auto now = session.text(".sallyport/layout.json");
            QVERIFY(session.apply("Move", model::FileChanges{{".sallyport/layout.json", now,
                                                              now.value_or("") + std::to_string(i)}}));
        }
    }
    const auto last = session.files();
    const auto lastSettings = session.settings();
    const int steps = session.undoStack().index();
    session.undoStack().setIndex(0);
    QVERIFY(session.files() == files);
    QVERIFY(session.settings() == settings);
    QVERIFY(!session.isModified());
    session.undoStack().setIndex(steps);
    QVERIFY(session.files() == last);
    QVERIFY(session.settings() == lastSettings);
}

QTEST_GUILESS_MAIN(TestProjectSession)
#include "test_project_session.moc"
