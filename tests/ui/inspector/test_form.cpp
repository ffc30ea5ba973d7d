// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form.h"
#include "ui/inspector/form_edit.h"
#include "ui/inspector/hop_advice.h"
#include "ui/problems/project_findings.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::inspector;

namespace {

const char *const rule = R"(apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: rule
  namespace: default
spec:
  host: test.com # whose
  trafficPolicy:
    loadBalancer:
      simple: RANDOM
    portLevelSettings:
    - port:
        number: 443
      tls:
        mode: MUTUAL
        credentialName: test.client
        sni: test.com
)";

const char *const gateway = R"(apiVersion: networking.istio.io/v1
kind: Gateway
metadata:
  name: out
  namespace: default
  labels:
    app: x
    team: y
spec:
  selector:
    istio: egressgateway
  servers:
  - port:
      number: 80
      name: http
      protocol: HTTP
    hosts:
    - a.com # first
    - b.com
)";

model::Project projectOf(const std::string &text)
{
    return model::projectFromFiles("/p", {{"primary/a.yaml", text}}, {});
}

const model::Resource &only(const model::Project &project)
{
    return *project.meshes.front().allResources().front();
}

Form formFrom(const model::Project &project, const std::set<std::string> &opened = {})
{
    return formOf(project, only(project), problems::findingsOf(project, nullptr, {}), opened);
}

QStringList labels(const Form &form, const QString &section)
{
    QStringList list;
    for (const FormSection &each : form.sections) {
        for (const FormField &field : each.fields) {
            if (each.title == section)
                list.append(field.label);
        }
    }
    return list;
}

QStringList titles(const Form &form)
{
    QStringList list;
    for (const FormSection &each : form.sections)
        list.append(each.title);
    return list;
}

/// The text after an edit of the only resource.
template<typename Edit>
std::string after(const std::string &text, const Edit &edit)
{
    const model::Project project = projectOf(text);
    model::ProjectEdit made(project.files);
    const Result<void> done = edit(made, project);
    if (!done)
        return done.error().toString();
    return made.files().front().text;
}

std::string afterText(const std::string &text, const std::string &path, const QString &value,
                      const std::set<std::string> &opened = {})
{
    return after(text, [&](model::ProjectEdit &edit, const model::Project &project) -> Result<void> {
        const Form form = formFrom(project, opened);
        const FormField *field = form.find(path);
        return field ? setText(edit, only(project), *field, value) : fail("no such field");
    });
}

std::string afterItems(const std::string &text, const std::string &path, const QStringList &items,
                       const std::set<std::string> &opened = {})
{
    return after(text, [&](model::ProjectEdit &edit, const model::Project &project) -> Result<void> {
        const Form form = formFrom(project, opened);
        const FormField *field = form.find(path);
        return field ? setItems(edit, only(project), *field, items) : fail("no such field");
    });
}

std::string replaced(std::string text, const std::string &from, const std::string &to)
{
    const std::size_t at = text.find(from);
    return at == std::string::npos ? "no " + from : text.replace(at, from.size(), to);
}

const std::string tls = "spec.trafficPolicy.portLevelSettings[0].tls";

} // namespace

class TestForm : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void whatARuleShows();
    void keyFieldsFollowTheMode();
    void fieldsToAdd();
    void fieldsKnowWhatTheyMayBe();
    void theMeshConfigurationIsAForm();
    void findingsStandAtTheirFields();
    void textIsAMinimalPatch();
    void itemsThatStayAreNotTouched();
    void pairs();
    void whatIsMissingIsMade();
    void aRenamedFieldIsShown();
    void theNameCheckCanBeAdded();
    void everyFieldOfTheGuideCanBeEdited();
};

void TestForm::whatARuleShows()
{
    const model::Project project = projectOf(rule);
    const Form form = formFrom(project);
    QCOMPARE(form.resource, "DestinationRule default/rule");
    // TLS first.
    QCOMPARE(titles(form), QStringList({"trafficPolicy.portLevelSettings[0].tls", "spec", "trafficPolicy",
                                        "trafficPolicy.portLevelSettings[0]", "metadata"}));
    QCOMPARE(labels(form, "trafficPolicy.portLevelSettings[0].tls"),
             QStringList({"mode", "credentialName", "sni", "subjectAltNames"}));
    QCOMPARE(labels(form, "trafficPolicy"), QStringList({"loadBalancer.simple"}));
    QCOMPARE(labels(form, "metadata"), QStringList({"name", "namespace"}));
    const FormField *names = form.find(tls + ".subjectAltNames");
    QVERIFY(names && !names->present && names->isList());
    const FormField *mode = form.find(tls + ".mode");
    QCOMPARE(mode->value, "MUTUAL");
    QVERIFY(mode->closed && mode->choices.contains("ISTIO_MUTUAL"));
    QCOMPARE(mode->words, "client certificate, server verified");
    QVERIFY(!form.find("metadata.name")->editable);
    QVERIFY(!form.find("spec.host")->removable);
}

void TestForm::keyFieldsFollowTheMode()
{
    const std::string text =
        replaced(replaced(rule, "        credentialName: test.client\n", ""), "MUTUAL", "ISTIO_MUTUAL");
    const Form form = formFrom(projectOf(text));
    QCOMPARE(labels(form, "trafficPolicy.portLevelSettings[0].tls"), QStringList({"mode", "sni"}));
}

void TestForm::fieldsToAdd()
{
    const model::Project project = projectOf(rule);
    const Form form = formFrom(project);
    QStringList missing;
    for (const MissingField &field : form.sections.front().missing)
        missing.append(field.label);
    QVERIFY(missing.contains("insecureSkipVerify"));
    QVERIFY(!missing.contains("mode"));
    const Form opened = formFrom(project, {tls + ".caCertificates"});
    QVERIFY(opened.find(tls + ".caCertificates"));
    QVERIFY(!opened.find(tls + ".caCertificates")->present);
    // A list that is offered has room for another item.
    bool offered = false;
    for (const FormSection &section : form.sections) {
        for (const MissingField &field : section.missing)
            offered = offered || field.path == "spec.trafficPolicy.portLevelSettings[1]";
    }
    QVERIFY(offered);
    QVERIFY(titles(formFrom(project, {"spec.trafficPolicy.portLevelSettings[1]"}))
                .contains("trafficPolicy.portLevelSettings[1]"));
}

void TestForm::fieldsKnowWhatTheyMayBe()
{
    const std::string both = std::string(rule) +
                             "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\n"
                             "metadata: {name: e, namespace: default}\nspec:\n  hosts: [b.com, "
                             "a.com]\n  ports: [{number: 443, name: https, protocol: HTTPS}]\n";
    const model::Project project = projectOf(both);
    const model::Resource *found = nullptr;
    for (const model::Resource *each : project.meshes.front().allResources()) {
        if (each->kind == "DestinationRule")
            found = each;
    }
    QVERIFY(found);
    const Form form = formOf(project, *found, {}, {});
    QCOMPARE(form.find("spec.host")->choices, QStringList({"a.com", "b.com"}));
    QVERIFY(!form.find("spec.host")->closed);
}

void TestForm::theMeshConfigurationIsAForm()
{
    const std::string text =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio\n  namespace: "
        "istio-system\ndata:\n  mesh: |\n    # how it leaves\n    outboundTrafficPolicy:\n      "
        "mode: ALLOW_ANY\n";
    const Form form = formFrom(projectOf(text));
    const FormField *mode = form.find("data.mesh.outboundTrafficPolicy.mode");
    QVERIFY(mode);
    QCOMPARE(mode->value, "ALLOW_ANY");
    QCOMPARE(afterText(text, mode->path, "REGISTRY_ONLY"), replaced(text, "ALLOW_ANY", "REGISTRY_ONLY"));
}

void TestForm::findingsStandAtTheirFields()
{
    const Form form = formFrom(projectOf(replaced(rule, "mode: MUTUAL", "mode: MUTAUL")));
    const FormField *mode = form.find(tls + ".mode");
    QVERIFY(mode);
    QCOMPARE(mode->findings.size(), std::size_t(1));
    QVERIFY(!mode->findings.front().fixes.empty());
    QVERIFY(form.find(tls + ".sni")->findings.empty());
    // Of an item: at the row of its list.
    problems::Finding finding;
    finding.message = "odd";
    finding.target = session::ResourceSelection{"primary/a.yaml", 0, -1, {}};
    finding.fieldPath = "spec.servers[0].hosts[1]";
    const model::Project project = projectOf(gateway);
    const Form servers = formOf(project, only(project), {finding}, {});
    QCOMPARE(servers.find("spec.servers[0].hosts")->findings.size(), std::size_t(1));
    // Of a mapping, and its words name a field of it.
    finding.fieldPath = "spec.servers[0]";
    finding.hint = "set hosts to what is served";
    QCOMPARE(formOf(project, only(project), {finding}, {}).find("spec.servers[0].hosts")->findings.size(),
             std::size_t(1));
    finding.hint.clear();
    // By its line.
    finding.fieldPath.clear();
    finding.line = 14;
    QCOMPARE(
        formOf(project, only(project), {finding}, {}).find("spec.servers[0].port.number")->findings.size(),
        std::size_t(1));
    // About the whole, and about another.
    finding.line = 0;
    QCOMPARE(formOf(project, only(project), {finding}, {}).findings.size(), std::size_t(1));
    finding.target = session::ResourceSelection{"primary/b.yaml", 0, -1, {}};
    QCOMPARE(formOf(project, only(project), {finding}, {}).findings.size(), std::size_t(0));
}

void TestForm::textIsAMinimalPatch()
{
    QCOMPARE(afterText(rule, tls + ".mode", "SIMPLE"), replaced(rule, "MUTUAL", "SIMPLE"));
    QCOMPARE(afterText(rule, "spec.host", "other.com"), replaced(rule, "host: test.com", "host: other.com"));
    QCOMPARE(afterText(rule, tls + ".sni", ""), replaced(rule, "        sni: test.com\n", ""));
    QCOMPARE(afterText(rule, tls + ".insecureSkipVerify", "true", {tls + ".insecureSkipVerify"}),
             std::string(rule) + "        insecureSkipVerify: true\n");
    // A text that looks like a number is quoted, a number is not.
    QCOMPARE(afterText(rule, tls + ".sni", "443"), replaced(rule, "sni: test.com", "sni: '443'"));
    QCOMPARE(afterText(gateway, "spec.servers[0].port.number", "8080"),
             replaced(gateway, "number: 80", "number: 8080"));
}

void TestForm::itemsThatStayAreNotTouched()
{
    const std::string hosts = "spec.servers[0].hosts";
    QCOMPARE(afterItems(gateway, hosts, {"a.com", "c.com"}), replaced(gateway, "b.com", "c.com"));
    QCOMPARE(afterItems(gateway, hosts, {"a.com", "b.com", "c.com"}), std::string(gateway) + "    - c.com\n");
    QCOMPARE(afterItems(gateway, hosts, {"a.com"}), replaced(gateway, "    - b.com\n", ""));
    QCOMPARE(afterItems(gateway, hosts, {"b.com"}), replaced(gateway, "    - a.com # first\n", ""));
    QCOMPARE(afterItems(rule, tls + ".subjectAltNames", {"test.com", "b.com"}),
             std::string(rule) + "        subjectAltNames:\n        - test.com\n        - b.com\n");
    QCOMPARE(afterItems(gateway, hosts, {}),
             replaced(gateway, "    hosts:\n    - a.com # first\n    - b.com\n", ""));
}

void TestForm::pairs()
{
    const std::string text = after(gateway, [](model::ProjectEdit &edit, const model::Project &project) {
        const Form form = formFrom(project);
        return setPairs(edit, only(project), *form.find("metadata.labels"), {{"app", "z"}, {"new", "true"}});
    });
    QVERIFY2(text.find("  labels:\n    app: z\n    new: 'true'\nspec:") != std::string::npos, text.c_str());
}

void TestForm::whatIsMissingIsMade()
{
    const std::string port = "spec.trafficPolicy.portLevelSettings[1].port.number";
    const std::string text = afterText(rule, port, "8443", {port});
    QVERIFY2(text.ends_with("        sni: test.com\n    - port:\n        number: 8443\n"), text.c_str());
    const std::string hosts = "spec.servers[1].hosts";
    const std::string servers = afterItems(gateway, hosts, {"c.com"}, {hosts});
    QVERIFY2(servers.ends_with("    - b.com\n  - hosts:\n    - c.com\n") ||
                 servers.ends_with("    - b.com\n  - hosts:\n      - c.com\n"),
             servers.c_str());
}

/// Fields that no reader knows are seen, with what is said of them.
void TestForm::aRenamedFieldIsShown()
{
    const Form form = formFrom(projectOf(replaced(rule, "credentialName", "credentialname")));
    const FormField *field = form.find(tls + ".credentialname");
    QVERIFY(field);
    QCOMPARE(field->value, "test.client");
    QVERIFY(!field->findings.empty());
    QVERIFY(!field->findings.front().fixes.empty());
}

void TestForm::theNameCheckCanBeAdded()
{
    const model::Project project = projectOf(rule);
    topology::ChainHop hop;
    hop.kind = topology::HopKind::OriginatedMtls;
    hop.port = 443;
    hop.sni = "test.com";
    const auto advice = nameNotVerified(hop, only(project));
    QVERIFY(advice);
    QCOMPARE(advice->fieldPath.toStdString(), tls + ".subjectAltNames");
    const auto changes = advice->fixes.front().make(project.files);
    QVERIFY(changes.has_value());
    QCOMPARE(*changes->front().after, std::string(rule) + "        subjectAltNames:\n        - test.com\n");
    QVERIFY(!nameNotVerified(hop, only(projectOf(*changes->front().after))));
    hop.verifiedNames = QStringList{"test.com"};
    QVERIFY(!nameNotVerified(hop, only(project)));
    hop.verifiedNames.clear();
    hop.port = 80; // the rule's port settings are for another port, and it has no TLS for all
    QVERIFY(!nameNotVerified(hop, only(project)));
}

/// Whatever the form shows of the guide's resources can be set, and reads back; set to what it is, nothing
/// changes.
void TestForm::everyFieldOfTheGuideCanBeEdited()
{
    int fields = 0;
    for (const char *stage : {"stage-1", "stage-2", "stage-3", "stage-4", "stage-5"}) {
        const auto project =
            model::loadProject(std::string(SALLYPORT_SOURCE_DIR "/resources/templates/egress-mtls/") + stage);
        QVERIFY(project.has_value());
        for (const model::Mesh &mesh : project->meshes) {
            for (const model::Resource *resource : mesh.allResources()) {
                const Form form = formOf(*project, *resource, {}, {});
                for (const FormSection &section : form.sections) {
                    for (const FormField &field : section.fields) {
                        const bool text = field.type == model::FieldType::Text && field.choices.isEmpty();
                        if (!field.present || !field.editable || !text)
                            continue;
                        ++fields;
                        model::ProjectEdit same(project->files);
                        QVERIFY(setText(same, *resource, field, field.value).has_value());
                        QVERIFY2(same.changes().empty(), field.path.c_str());
                        model::ProjectEdit other(project->files);
                        QVERIFY(setText(other, *resource, field, "another: #value").has_value());
                        const model::Project changed =
                            model::projectFromFiles(project->folder, other.files(), {});
                        bool reads = false;
                        for (const model::Mesh &each : changed.meshes) {
                            for (const model::Resource *now : each.allResources()) {
                                if (now->file != resource->file || now->document != resource->document)
                                    continue;
                                const Form again = formOf(changed, *now, {}, {});
                                const FormField *found = again.find(field.path);
                                reads = reads || (found && found->value == "another: #value");
                            }
                        }
                        QVERIFY2(reads, (resource->title() + ' ' + field.path).c_str());
                    }
                }
            }
        }
    }
    QVERIFY(fields > 10);
}

QTEST_GUILESS_MAIN(TestForm)
#include "test_form.moc"
