// SPDX-License-Identifier: GPL-3.0-or-later
// Every YAML file of the golden projects: each of its scalars set to another value differs from the file in
// that scalar only.
#include "core/yaml/edit.h"

#include <QDirIterator>
#include <QtTest>
#include <functional>

using namespace sallyport;
using namespace sallyport::yaml;

namespace {

void eachScalar(const Node &node, const std::string &path,
                const std::function<void(const std::string &path, const Node &)> &visit)
{
    if (node.isScalar())
        visit(path, node);
    for (const auto &[key, value] : node.entries)
        eachScalar(*value, path + "[\"" + key->scalar + "\"]", visit);
    for (std::size_t i = 0; i < node.items.size(); ++i)
        eachScalar(*node.items[i], path + '[' + std::to_string(i) + ']', visit);
}

} // namespace

class TestGoldenFiles : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void setOneScalar_data();
    void setOneScalar();
};

void TestGoldenFiles::setOneScalar_data()
{
    QTest::addColumn<QByteArray>("text");
    const QString folder = QStringLiteral(SALLYPORT_SOURCE_DIR "/tests/golden/mesh");
    QDirIterator files(folder, {"*.yaml"}, QDir::Files, QDirIterator::Subdirectories);
    int count = 0;
    while (files.hasNext()) {
        QFile file(files.next());
        QVERIFY(file.open(QIODevice::ReadOnly));
        // Placeholders of the vectors stand for base64.
        QByteArray text = file.readAll();
        text.replace("@pki:", "cGtp").replace("@\n", "Cg==\n");
        QTest::newRow(qPrintable(QDir(folder).relativeFilePath(file.fileName()))) << text;
        ++count;
    }
    QVERIFY(count > 50);
}

void TestGoldenFiles::setOneScalar()
{
    QFETCH(QByteArray, text);
    for (const QByteArray &lineBreak : {QByteArray("\n"), QByteArray("\r\n")}) {
        const std::string before = QByteArray(text).replace("\n", lineBreak).toStdString();
        int changed = 0;
        for (const Document &document : parseDocuments(before, "a.yaml")) {
            QVERIFY2(document.root, document.error ? document.error->toString().c_str() : "");
            eachScalar(*document.root, {}, [&](const std::string &path, const Node &node) {
                const std::string value = node.style == ScalarStyle::Literal ? node.scalar + "more\n" : "new";
                const Result<TextEdit> edit =
                    setScalar(before, *document.root, path, value, ScalarType::String);
                QVERIFY2(edit, edit ? "" : edit.error().toString().c_str());
                QCOMPARE(edit->begin, node.begin);
                QCOMPARE(edit->end, node.end);
                const std::vector<Document> after = parseDocuments(applied(before, *edit), "a.yaml");
                QVERIFY(after.at(static_cast<std::size_t>(document.index)).root);
                QCOMPARE(after.at(static_cast<std::size_t>(document.index)).root->at(path)->scalar, value);
                ++changed;
            });
        }
        QVERIFY(changed > 0);
    }
}

QTEST_GUILESS_MAIN(TestGoldenFiles)
#include "test_golden_files.moc"
