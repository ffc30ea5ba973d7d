// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/project_edit.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace sallyport;
using namespace sallyport::model;

namespace {

const std::string routing = "# the way out\n"
                            "apiVersion: networking.istio.io/v1\n"
                            "kind: VirtualService\n"
                            "metadata: {name: a, namespace: b} # keep\n"
                            "spec:\n"
                            "  hosts: ['test.com']\n"
                            "  http:\n"
                            "  - route:\n"
                            "    - destination:\n"
                            "        host: x\n"
                            "---\n"
                            "apiVersion: v1\n"
                            "kind: Namespace\n"
                            "metadata:\n"
                            "  name: b\n";
const std::string list =
    "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: c\n"
    "- apiVersion: v1\n  kind: Namespace\n  metadata:\n    name: d\n";

std::vector<SourceFile> files()
{
    return {{"primary/list.yaml", list}, {"primary/routing.yaml", routing}};
}

std::string replacedText(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t at = text.find(from);
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

QByteArray content(const QString &path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("(none)");
}

} // namespace

class TestProjectEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void editsArePatches();
    void editsSeeEachOther();
    void itemsOfAList();
    void resourcesComeAndGo();
    void aFailedEditChangesNothing();
    void anEditThatBreaksTheDocumentIsNotMade();
    void changesGoForthAndBack();
    void savingWritesAllOrNothing();
    void freeFileNames();
    void meshConfiguration();
};

void TestProjectEdit::editsArePatches()
{
    ProjectEdit edit(files());
    const Project project = projectFromFiles("/p", files(), {});
    const ResourceAddress service = ResourceAddress::of(project.meshes.at(0).virtualServices.at(0));
    QVERIFY(edit.setScalar(service, "spec.http[0].route[0].destination.host", "y.z"));
    const FileChanges changes = edit.changes();
    QCOMPARE(changes.size(), std::size_t(1));
    QCOMPARE(changes[0].path, std::string("primary/routing.yaml"));
    QCOMPARE(*changes[0].before, routing);
    QCOMPARE(*changes[0].after, replacedText(routing, "host: x", "host: y.z"));
}

void TestProjectEdit::editsSeeEachOther()
{
    ProjectEdit edit(files());
    const ResourceAddress service{"primary/routing.yaml", 0, -1};
    QVERIFY(edit.setScalar(service, "spec.http[0].timeout", "5s"));
    QVERIFY(edit.setScalar(service, "spec.http[0].timeout", "7s"));
    QVERIFY(edit.appendItem(service, "spec.hosts", "b.com"));
    QVERIFY(edit.setScalar({"primary/routing.yaml", 1, -1}, "metadata.labels[\"a.b/c\"]", "true",
                           yaml::ScalarType::String));
    std::string expected = replacedText(routing, "        host: x\n", "        host: x\n    timeout: 7s\n");
    expected = replacedText(expected, "['test.com']", "['test.com', b.com]");
    expected = replacedText(expected, "  name: b\n", "  name: b\n  labels:\n    a.b/c: 'true'\n");
    QCOMPARE(*edit.changes().at(0).after, expected);
    const Project project = projectFromFiles("/p", edit.files(), {});
    QCOMPARE(*project.meshes.at(0).virtualServices.at(0).http.at(0).timeout,
             Duration(std::chrono::seconds(7)));
    QCOMPARE(project.meshes.at(0).namespaces.back().metadata.labels.at("a.b/c"), std::string("true"));
}

void TestProjectEdit::itemsOfAList()
{
    ProjectEdit edit(files());
    QVERIFY(edit.setScalar({"primary/list.yaml", 0, 1}, "metadata.name", "new"));
    QCOMPARE(*edit.changes().at(0).after, replacedText(list, "name: d", "name: new"));
    QVERIFY(edit.removeResource({"primary/list.yaml", 0, 0}));
    const Project project = projectFromFiles("/p", edit.files(), {});
    QCOMPARE(project.meshes.at(0).namespaces.at(0).metadata.name, std::string("new"));
}

void TestProjectEdit::resourcesComeAndGo()
{
    const std::string manifest = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: e\n";
    ProjectEdit edit(files());
    const ResourceAddress added = edit.addResource("primary/routing.yaml", manifest);
    QCOMPARE(added.document, 2);
    QCOMPARE(*edit.changes().at(0).after, routing + "---\n" + manifest);
    QVERIFY(edit.setScalar(added, "metadata.name", "f"));
    QVERIFY(edit.removeResource({"primary/routing.yaml", 0, -1}));
    QVERIFY(edit.removeResource({"primary/routing.yaml", 0, -1}));
    QCOMPARE(*edit.changes().at(0).after, replacedText(manifest, "name: e", "name: f"));
    QVERIFY(edit.removeResource({"primary/routing.yaml", 0, -1}));
    QVERIFY(!edit.changes().at(0).after);
    const ResourceAddress fresh = edit.addResource("primary/new.yaml", manifest);
    QCOMPARE(fresh.document, 0);
    QCOMPARE(*edit.changes().at(0).after, manifest);
}

void TestProjectEdit::aFailedEditChangesNothing()
{
    ProjectEdit edit(files());
    QVERIFY(!edit.setScalar({"primary/nothing.yaml", 0, -1}, "a", "b"));
    QVERIFY(!edit.setScalar({"primary/routing.yaml", 7, -1}, "a", "b"));
    QVERIFY(!edit.setScalar({"primary/routing.yaml", 0, -1}, "spec.http", "b"));
    QVERIFY(!edit.remove({"primary/routing.yaml", 0, -1}, "spec.tls"));
    QVERIFY(edit.changes().empty());
}

void TestProjectEdit::anEditThatBreaksTheDocumentIsNotMade()
{
    ProjectEdit edit(std::vector<SourceFile>{{"a.yaml", "kind: X\na: &n x\nb: *n\n"}});
    QVERIFY(!edit.remove({"a.yaml", 0, -1}, "a"));
    QVERIFY(edit.changes().empty());
    QVERIFY(edit.remove({"a.yaml", 0, -1}, "b"));
    QVERIFY(edit.remove({"a.yaml", 0, -1}, "a"));
    QCOMPARE(edit.files().at(0).text, std::string("kind: X\n"));
}

void TestProjectEdit::changesGoForthAndBack()
{
    ProjectEdit edit(files());
    QVERIFY(edit.setScalar({"primary/routing.yaml", 0, -1}, "spec.hosts[0]", "c.com"));
    edit.addResource("primary/new.yaml", "kind: A\n");
    edit.removeFile("primary/list.yaml");
    const FileChanges changes = edit.changes();
    QCOMPARE(changes.size(), std::size_t(3));
    const Result<std::vector<SourceFile>> after = applied(files(), changes);
    QVERIFY(after);
    QCOMPARE(after->size(), std::size_t(2));
    const Result<std::vector<SourceFile>> again = applied(*after, reverted(changes));
    QVERIFY(again);
    QCOMPARE(*again, files());
    QVERIFY(!applied(*after, changes)); // made already
}

void TestProjectEdit::savingWritesAllOrNothing()
{
    QTemporaryDir folder;
    const auto path = [&](const char *name) { return folder.filePath(name); };
    QVERIFY(QDir(folder.path()).mkdir("primary"));
    for (const SourceFile &file : files()) {
        QFile out(path(file.path.c_str()));
        QVERIFY(out.open(QIODevice::WriteOnly));
        out.write(QByteArray::fromStdString(file.text));
    }
    QVERIFY(QFile::setPermissions(path("primary/routing.yaml"), QFile::ReadOwner | QFile::WriteOwner));
    const std::string root = folder.path().toStdString();

    ProjectEdit edit(files());
    QVERIFY(edit.setScalar({"primary/routing.yaml", 0, -1}, "spec.hosts[0]", "c.com"));
    edit.addResource("extra/new.yaml", "kind: A\n");
    edit.removeFile("primary/list.yaml");
    const Result<void> saved = saveChanges(root, edit.changes());
    QVERIFY2(saved, saved ? "" : saved.error().toString().c_str());
    QCOMPARE(content(path("primary/routing.yaml")),
             QByteArray::fromStdString(replacedText(routing, "test.com", "c.com")));
    QCOMPARE(QFile::permissions(path("primary/routing.yaml")) & (QFile::ReadGroup | QFile::ReadOther),
             QFile::Permissions());
    QCOMPARE(content(path("extra/new.yaml")), QByteArray("kind: A\n"));
    QVERIFY(!QFile::exists(path("primary/list.yaml")));
    QCOMPARE(QDir(path("primary")).entryList(QDir::Files), QStringList{"routing.yaml"});

    // Changed by somebody else in between: refused, nothing is written.
    QFile other(path("primary/routing.yaml"));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("theirs\n");
    other.close();
    const Result<void> refused = saveChanges(root, reverted(edit.changes()));
    QVERIFY(!refused);
    QCOMPARE(content(path("primary/routing.yaml")), QByteArray("theirs\n"));
    QCOMPARE(content(path("extra/new.yaml")), QByteArray("kind: A\n"));

    // A file that cannot be written (its folder is a file): what was written before goes back.
    const FileChanges impossible{{"primary/routing.yaml", "theirs\n", "ours\n"},
                                 {"primary/routing.yaml/below.yaml", std::nullopt, "x\n"}};
    QVERIFY(!saveChanges(root, impossible));
    QCOMPARE(content(path("primary/routing.yaml")), QByteArray("theirs\n"));
}

void TestProjectEdit::freeFileNames()
{
    const ProjectEdit edit(files());
    QCOMPARE(edit.freeFileName("primary", "a.yaml"), std::string("primary/a.yaml"));
    QCOMPARE(edit.freeFileName("primary", "list.yaml"), std::string("primary/list-2.yaml"));
    QCOMPARE(edit.freeFileName("", "list.yaml"), std::string("list.yaml"));
}

void TestProjectEdit::meshConfiguration()
{
    const std::string text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata:\n"
        "  mesh: |\n    # who\n    trustDomain: a\n    outboundTrafficPolicy:\n      mode: ALLOW_ANY # yet\n";
    ProjectEdit edit(std::vector<SourceFile>{{"primary/m.yaml", text}});
    QVERIFY(edit.setMeshConfig({"primary/m.yaml", 0, -1}, "outboundTrafficPolicy.mode", "REGISTRY_ONLY"));
    QCOMPARE(*edit.changes().at(0).after, replacedText(text, "ALLOW_ANY", "REGISTRY_ONLY"));
    const Project project = projectFromFiles("/p", edit.files(), {});
    QCOMPARE(project.meshes.at(0).config.outboundMode, OutboundMode::RegistryOnly);
}

QTEST_GUILESS_MAIN(TestProjectEdit)
#include "test_project_edit.moc"
