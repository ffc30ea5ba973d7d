// SPDX-License-Identifier: GPL-3.0-or-later
// Verdicts of Istio's own validation tests, as istio-semantics §9.1 to §9.4 lists them.
#include "core/model/project.h"
#include "validation_vectors.h"

#include <QtTest>
#include <algorithm>

using namespace sallyport;
using namespace sallyport::model;

namespace {

std::string apiVersionOf(const std::string &kind)
{
    const bool security =
        kind == "AuthorizationPolicy" || kind == "PeerAuthentication" || kind == "RequestAuthentication";
    if (kind == "Telemetry")
        return "telemetry.istio.io/v1";
    return security ? "security.istio.io/v1" : "networking.istio.io/v1";
}

std::string manifest(const Vector &vector)
{
    std::string text = "apiVersion: " + apiVersionOf(vector.kind) + "\nkind: " + vector.kind +
                       "\nmetadata: " + vector.metadata + "\nspec:\n";
    std::size_t at = 0;
    while (at < vector.spec.size()) {
        const std::size_t stop = std::min(vector.spec.find('\n', at), vector.spec.size());
        text += "  " + vector.spec.substr(at, stop - at) + '\n';
        at = stop + 1;
    }
    return text;
}

} // namespace

class TestValidation : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void verdicts_data();
    void verdicts();
};

void TestValidation::verdicts_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("verdict");
    QTest::addColumn<QByteArray>("says");
    for (const auto &vectors : {gatewayVectors(), serviceEntryVectors(), virtualServiceVectors(),
                                policyVectors(), scopeVectors()}) {
        for (const Vector &vector : vectors)
            QTest::newRow(vector.name) << QByteArray::fromStdString(manifest(vector))
                                       << static_cast<int>(vector.verdict) << QByteArray(vector.says);
    }
}

void TestValidation::verdicts()
{
    QFETCH(QByteArray, text);
    QFETCH(int, verdict);
    QFETCH(QByteArray, says);
    const Project project = projectFromFiles("/", {{"primary/a.yaml", text.toStdString()}}, {});
    Verdict seen = Verdict::Accept;
    QByteArray messages;
    for (const Problem &problem : project.problems) {
        messages += QByteArray::fromStdString(problem.code + ' ' + problem.place.toString() + ": " +
                                              problem.message) +
                    '\n';
        QVERIFY2(problem.place.line > 0 && problem.place.file == "primary/a.yaml", messages.constData());
        QVERIFY2(!problem.resource.empty(), messages.constData());
        if (problem.severity == Severity::Error)
            seen = Verdict::Reject;
        else if (problem.severity == Severity::Warning && seen == Verdict::Accept)
            seen = Verdict::Warn;
    }
    QVERIFY2(static_cast<int>(seen) == verdict, (messages + text).constData());
    QVERIFY2(messages.contains(says), messages.constData());
}

QTEST_GUILESS_MAIN(TestValidation)
#include "test_validation.moc"
