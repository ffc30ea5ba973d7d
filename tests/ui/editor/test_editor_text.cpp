// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/completion.h"
#include "ui/editor/document_lines.h"
#include "ui/editor/field_words.h"
#include "ui/editor/kinds.h"
#include "ui/editor/line_marks.h"
#include "ui/editor/text_change.h"

#include "core/model/project.h"

#include <QRandomGenerator>
#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::editor;

namespace {

const char *const virtualService = R"(# about it
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata:
  name: way
  labels:
    app.kubernetes.io/name: x
spec:
  hosts:
  - test.com
  http:
  # the first
  - match:
    - gateways:
      - mesh
      port: 80
    route:
    - destination:
        host: a
        port:
          number: 80
      weight: 100
  - timeout: 5s
    ro
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: rule}
spec:
  host: test.com
  trafficPolicy:
    tls:
      mode: MU
)";

int lineWith(const QString &text, const QString &part)
{
    const QStringList lines = text.split('\n');
    for (int i = 0; i < lines.size(); ++i) {
        if (lines[i].contains(part))
            return i;
    }
    return -1;
}

/// The field at the end of the line that has `part`.
std::optional<CursorField> at(const QString &text, const QString &part)
{
    const int line = lineWith(text, part);
    return fieldAt(text, line, static_cast<int>(text.split('\n')[line].size()));
}

QStringList names(const std::vector<Candidate> &candidates)
{
    QStringList list;
    for (const Candidate &candidate : candidates)
        list.append(candidate.text);
    return list;
}

problems::Finding finding(int line, int column, const QString &message,
                          model::Severity severity = model::Severity::Error)
{
    problems::Finding made;
    made.line = line;
    made.column = column;
    made.message = message;
    made.severity = severity;
    return made;
}

} // namespace

class TestEditorText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void paths_data();
    void paths();
    void whereThereIsNoField();
    void objectsOfAList();
    void theMeshConfigurationIsAField();
    void neighbours();
    void offersWhatFits();
    void describes();
    void everyLineOfTheGuideIsKnown();
    void words();
    void linesOfResources();
    void brokenDocumentsHaveLines();
    void marks();
    void changes();
    void skeletonsAreValid();
};

void TestEditorText::paths_data()
{
    QTest::addColumn<QString>("part");
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("inValue");
    QTest::newRow("top") << "kind: VirtualService"
                         << "kind" << true;
    QTest::newRow("nested") << "name: way"
                            << "metadata.name" << true;
    QTest::newRow("dotted key") << "app.kubernetes.io"
                                << "metadata.labels[\"app.kubernetes.io/name\"]" << true;
    QTest::newRow("list item's first") << "- match:"
                                       << "spec.http[0].match" << true;
    QTest::newRow("item in item") << "- gateways:"
                                  << "spec.http[0].match[0].gateways" << true;
    QTest::newRow("sibling in item") << "port: 80"
                                     << "spec.http[0].match[0].port" << true;
    QTest::newRow("after a nested list") << "route:"
                                         << "spec.http[0].route" << true;
    QTest::newRow("deep") << "host: a"
                          << "spec.http[0].route[0].destination.host" << true;
    QTest::newRow("back out") << "weight"
                              << "spec.http[0].route[0].weight" << true;
    QTest::newRow("second item") << "timeout"
                                 << "spec.http[1].timeout" << true;
    QTest::newRow("half a key") << "    ro"
                                << "spec.http[0].route" << true; // the first line with it
    QTest::newRow("second document") << "mode: MU"
                                     << "spec.trafficPolicy.tls.mode" << true;
}

void TestEditorText::paths()
{
    QFETCH(QString, part);
    QFETCH(QString, path);
    QFETCH(bool, inValue);
    const auto field = at(virtualService, part);
    QVERIFY(field);
    QCOMPARE(field->path(), path);
    QCOMPARE(field->inValue, inValue);
    // The same with Windows' line ends taken off, and at the beginning of the key.
    const int line = lineWith(virtualService, part);
    const auto begin = fieldAt(virtualService, line, field->indent);
    QVERIFY(begin);
    QCOMPARE(begin->path(), path);
    QVERIFY(!begin->inValue);
    QCOMPARE(begin->typed, QString());
}

void TestEditorText::whereThereIsNoField()
{
    QVERIFY(!at(virtualService, "# about it"));
    QVERIFY(!at(virtualService, "---"));
    QVERIFY(!fieldAt(virtualService, 1000, 0));
    QVERIFY(!fieldAt("kind: ConfigMap\ndata:\n  script: |\n    name: x\n", 3, 8));
    QVERIFY(!fieldAt("kind: Gateway\nspec: {selector: {", 1, 10));
    QVERIFY(!fieldAt("kind: List\nitems:\n- kind: Gateway\n", 1, 3));
}

void TestEditorText::objectsOfAList()
{
    const QString text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n"
                         "  metadata: {name: a}\n\n- kind: DestinationRule\n  spec:\n    host: a\n"
                         "    trafficPolicy:\n      tls:\n        mode: SIM\n  apiVersion: "
                         "networking.istio.io/v1\n- metadata:\n    name: b\n  kind: Gateway\n";
    for (const QString &indent : {QString(), QStringLiteral("  ")}) {
        const QString indented =
            QString(text).replace("\n  ", "\n  " + indent).replace("\n- ", "\n" + indent + "- ");
        const auto mode = at(indented, "mode: SIM");
        QVERIFY(mode);
        QCOMPARE(mode->kind, "DestinationRule");
        QCOMPARE(mode->apiVersion, "networking.istio.io/v1");
        QCOMPARE(mode->path(), "spec.trafficPolicy.tls.mode");
        QCOMPARE(names(candidatesAt(*mode)), QStringList({"SIMPLE"}));
        const auto own = at(indented, "kind: Gateway");
        QVERIFY(own);
        QCOMPARE(own->kind, "Gateway");
        QCOMPARE(own->path(), "kind");
        const auto name = at(indented, "name: b");
        QVERIFY(name);
        QCOMPARE(name->kind, "Gateway");
        QCOMPARE(name->path(), "metadata.name");
    }
}

void TestEditorText::theMeshConfigurationIsAField()
{
    const QString text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio\ndata:\n  mesh: |\n    "
                         "outboundTrafficPolicy:\n      mode: \n";
    const auto field = fieldAt(text, 7, 12);
    QVERIFY(field);
    QCOMPARE(field->path(), "data.mesh.outboundTrafficPolicy.mode");
    QVERIFY(names(candidatesAt(*field)).contains("REGISTRY_ONLY"));
}

void TestEditorText::neighbours()
{
    const auto field = at(virtualService, "timeout");
    QVERIFY(field);
    QCOMPARE(field->neighbours, QStringList());
    auto route = at(virtualService, "  route:");
    QVERIFY(route);
    QCOMPARE(route->neighbours, QStringList({"match"}));
    auto name = at(virtualService, "kind: VirtualService");
    QVERIFY(name);
    name->neighbours.sort();
    QCOMPARE(name->neighbours, QStringList({"apiVersion", "metadata", "spec"}));
}

void TestEditorText::offersWhatFits()
{
    const QString text = virtualService;
    const int line = lineWith(text, "timeout") + 1;
    const auto half = fieldAt(text, line, 6);
    QVERIFY(half);
    QCOMPARE(half->path(), "spec.http[1].ro");
    const auto offered = candidatesAt(*half);
    QCOMPARE(names(offered), QStringList({"route"}));
    QCOMPARE(offered.front().behind, ":\n    - ");
    const auto mode = at(text, "mode: MU");
    QVERIFY(mode);
    QCOMPARE(names(candidatesAt(*mode)), QStringList({"MUTUAL"}));
    // An empty line offers what the mapping does not have yet.
    const auto empty =
        fieldAt("apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec:\n  host: a\n  \n", 4, 2);
    QVERIFY(empty);
    const QStringList fields = names(candidatesAt(*empty));
    QVERIFY(fields.contains("trafficPolicy"));
    QVERIFY(!fields.contains("host"));
    QVERIFY(std::is_sorted(fields.begin(), fields.end()));
    const auto kind = fieldAt("apiVersion: networking.istio.io/v1\nkind: Dest\n", 1, 10);
    QVERIFY(kind);
    QCOMPARE(names(candidatesAt(*kind)), QStringList({"DestinationRule"}));
    const auto flag =
        fieldAt("apiVersion: networking.istio.io/v1\nkind: Gateway\nspec:\n  servers:\n  - tls:\n"
                "      httpsRedirect: ",
                5, 21);
    QVERIFY(flag);
    QCOMPARE(names(candidatesAt(*flag)), QStringList({"true", "false"}));
}

void TestEditorText::describes()
{
    auto mode = at(QString(virtualService).replace("MU\n", "MUTUAL\n"), "mode: MUTUAL");
    QVERIFY(mode);
    const QString words = describe(*mode);
    QVERIFY2(words.startsWith("spec.trafficPolicy.tls.mode · one of DISABLE, SIMPLE, MUTUAL"),
             qPrintable(words));
    QVERIFY2(words.endsWith("client certificate, server verified"), qPrintable(words));
    mode->key = "modus";
    QCOMPARE(describe(*mode), "spec.trafficPolicy.tls.modus");
}

/// Each key of each template file is a field that its reader knows: the way through the indentation ends
/// where the parser's would.
void TestEditorText::everyLineOfTheGuideIsKnown()
{
    const auto project = model::loadProject(SALLYPORT_SOURCE_DIR "/resources/templates/egress-mtls/stage-4");
    QVERIFY(project.has_value());
    int keys = 0;
    for (const model::SourceFile &file : project->files) {
        const QString text = QString::fromStdString(file.text);
        const QStringList lines = text.split('\n');
        for (int i = 0; i < lines.size(); ++i) {
            if (lines[i].trimmed().startsWith('#'))
                continue;
            const auto field = fieldAt(text, i, static_cast<int>(lines[i].indexOf(':')));
            if (!field || !lines[i].contains(':') || field->path().contains("abels"))
                continue;
            ++keys;
            QVERIFY2(knownFieldAt(*field), qPrintable(field->path()));
        }
    }
    QVERIFY(keys > 20);
}

void TestEditorText::words()
{
    QCOMPARE(fieldWords("DestinationRule", "spec.trafficPolicy.portLevelSettings[0].tls.sni"),
             fieldWords("DestinationRule", "spec.subsets[1].trafficPolicy.tls.sni"));
    QVERIFY(fieldWords("Gateway", "spec.servers[0].tls.mode") !=
            fieldWords("DestinationRule", "spec.trafficPolicy.tls.mode"));
    QCOMPARE(fieldWords("Gateway", "spec.nothing"), QString());
    QVERIFY(valueWords("spec.mtls.mode", "DISABLE") != valueWords("spec.trafficPolicy.tls.mode", "DISABLE"));
}

void TestEditorText::linesOfResources()
{
    QCOMPARE(linesOf(virtualService, {"f", 0, -1, {}}), (LineRange{0, 23}));
    QCOMPARE(linesOf(virtualService, {"f", 1, -1, {}}), (LineRange{25, 32}));
    QVERIFY(!linesOf(virtualService, {"f", 2, -1, {}}));
    QCOMPARE(lineOf(virtualService, {"f", 1, -1, "spec.trafficPolicy.tls.mode"}), 32);
    QCOMPARE(lineOf(virtualService, {"f", 1, -1, "spec.trafficPolicy.tls.sni"}), 31); // the nearest there is
    const char *list = "kind: List\nitems:\n- kind: A\n  x: 1\n- kind: B\n  y: 1\n";
    QCOMPARE(linesOf(list, {"f", 0, 1, {}}), (LineRange{4, 5}));
    QCOMPARE(lineOf(list, {"f", 0, 1, "y"}), 5);
}

void TestEditorText::brokenDocumentsHaveLines()
{
    const char *text = "kind: A\n---\nkind: [B\n---\nkind: C\n";
    QCOMPARE(linesOf(text, {"f", 1, -1, {}}), (LineRange{2, 2}));
    QCOMPARE(lineOf(text, {"f", 1, -1, "spec"}), 2);
    QCOMPARE(lineOf(text, {"f", 2, -1, "kind"}), 4);
}

void TestEditorText::marks()
{
    const char *text = "spec:\n  host: test.com # x\n  ports:\n";
    const problems::Finding value = finding(2, 9, "not known");
    const problems::Finding key = finding(2, 3, "odd", model::Severity::Warning);
    const problems::Finding line = finding(3, 0, "empty", model::Severity::Warning);
    const problems::Finding behind = finding(9, 1, "gone");
    const problems::Finding nowhere = finding(0, 0, "somewhere");
    const auto marks = marksOf({&value, &key, &line, &behind, &nowhere}, text);
    QCOMPARE(marks.size(), std::size_t(2));
    const LineMark &second = marks.at(1);
    QCOMPARE(second.worst, model::Severity::Error);
    QCOMPARE(second.text, "not known\nodd");
    QCOMPARE(second.spans, (std::vector<LineMark::Span>{{8, 16, model::Severity::Error},
                                                        {2, 6, model::Severity::Warning}}));
    QCOMPARE(marks.at(2).spans, (std::vector<LineMark::Span>{{2, 8, model::Severity::Warning}}));
}

void TestEditorText::changes()
{
    QVERIFY(!changeBetween("same", "same"));
    QCOMPARE(changeBetween("mode: SIMPLE\n", "mode: MUTUAL\n"), (yaml::TextEdit{6, 12, "MUTUAL"}));
    // Never half a letter: ä and ö share their first byte.
    QCOMPARE(changeBetween("xä", "xö"), (yaml::TextEdit{1, 3, "ö"}));
    QRandomGenerator random(7);
    const auto text = [&random] {
        std::string made;
        for (quint32 i = random.bounded(12U); i > 0; --i)
            made += std::array{"a", "b", "ä", "ö", "\n", "€"}[random.bounded(6)];
        return made;
    };
    for (int round = 0; round < 2000; ++round) {
        const std::string before = text();
        const std::string after = text();
        if (const auto change = changeBetween(before, after)) {
            QCOMPARE(yaml::applied(before, *change), after);
            QCOMPARE(QString::fromStdString(change->replacement).toStdString(), change->replacement);
        } else {
            QCOMPARE(before, after);
        }
    }
}

void TestEditorText::skeletonsAreValid()
{
    for (const Kind &kind : kinds()) {
        if (kind.skeleton.isEmpty())
            continue;
        const model::Project project = model::projectFromFiles(
            "/p", {{"primary/a.yaml", manifestOf(kind, "made", "default").toStdString()}}, {});
        QCOMPARE(project.meshes.size(), std::size_t(1));
        QCOMPARE(project.meshes.front().allResources().size(), std::size_t(1));
        QVERIFY(project.meshes.front().others.empty());
        for (const model::Problem &problem : project.problems)
            QVERIFY2(problem.severity != model::Severity::Error,
                     (kind.name.toStdString() + ": " + problem.message).c_str());
    }
}

QTEST_GUILESS_MAIN(TestEditorText)
#include "test_editor_text.moc"
