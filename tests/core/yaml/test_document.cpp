// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/document.h"

#include <QtTest>

using namespace sallyport;
using namespace sallyport::yaml;

namespace {

const std::string file = "a.yaml";

NodePtr onlyRoot(const std::string &text)
{
    const std::vector<Document> documents = parseDocuments(text, file);
    return documents.size() == 1 ? documents.front().root : nullptr;
}

} // namespace

class TestDocument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void valuesKnowTheirBytes_data();
    void valuesKnowTheirBytes();
    void places_data();
    void places();
    void documentsOfAFile_data();
    void documentsOfAFile();
    void brokenTextSaysWhereAndWhat_data();
    void brokenTextSaysWhereAndWhat();
    void aBrokenDocumentLeavesTheOthersWhole();
    void aliasesAndMergeKeys();
    void anAliasInItsOwnAnchorIsRefused();
    void aliasesThatUnfoldToTooMuchAreRefused();
    void duplicateKeysAreReported();
    void embeddedDocumentsHaveThePlacesOfTheFile();
};

void TestDocument::valuesKnowTheirBytes_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QByteArray>("bytes");

    const auto row = [](const char *name, const char *text, const char *path, const char *value,
                        const char *bytes) {
        QTest::newRow(name) << QByteArray(text) << QByteArray(path) << QByteArray(value) << QByteArray(bytes);
    };
    row("plain", "a: hello # c\nb: 2\n", "a", "hello", "hello");
    row("plain with blanks", "a: hello  world   \n", "a", "hello  world", "hello  world");
    row("plain over lines", "a: one\n  two\nb: x\n", "a", "one two", "one\n  two");
    row("single quoted", "a: 'it''s' # c\n", "a", "it's", "'it''s'");
    row("double quoted", "a: \"x\\\"y\\n\"\n", "a", "x\"y\n", "\"x\\\"y\\n\"");
    row("quoted over lines", "a: 'one\n  two'\n", "a", "one two", "'one\n  two'");
    row("literal", "a: |\n  one\n  two\nb: x\n", "a", "one\ntwo\n", "|\n  one\n  two\n");
    row("literal without end", "a: |-\n  one", "a", "one", "|-\n  one");
    row("literal with blank lines", "a: |\n  one\n\n  two\n\nb: x\n", "a", "one\n\ntwo\n",
        "|\n  one\n\n  two\n");
    row("literal with a comment behind", "a: |\n  one\n # no content\nb: x\n", "a", "one\n", "|\n  one\n");
    row("literal with indicator", "a: |2\n   one\n  two\nb: x\n", "a", " one\ntwo\n", "|2\n   one\n  two\n");
    row("empty literal", "a: |\nb: x\n", "a", "", "|\n");
    row("folded", "a: >-\n  one\n  two\nb: x\n", "a", "one two", ">-\n  one\n  two\n");
    row("literal in a list", "- |\n one\n two\n- x\n", "[0]", "one\ntwo\n", "|\n one\n two\n");
    row("literal below a dash", "a:\n- k: |\n    one\n  m: x\n", "a[0].k", "one\n", "|\n    one\n");
    row("anchored", "a: &name hello\n", "a", "hello", "hello");
    row("tagged", "a: !!str 80\n", "a", "80", "80");
    row("anchored on the line before", "a: &name # c\n  hello\n", "a", "hello", "hello");
    row("flow", "a: {b: [x, 'y']}\n", "a.b[1]", "y", "'y'");
    row("key with dots", "labels:\n  a.b/c: v\n", "labels[\"a.b/c\"]", "v", "v");
    row("crlf", "a: x\r\nb: |\r\n  one\r\n  two\r\nc: y\r\n", "c", "y", "y");
    row("literal with crlf", "b: |\r\n  one\r\n  two\r\nc: y\r\n", "b", "one\ntwo\n",
        "|\r\n  one\r\n  two\r\n");
    row("byte order mark",
        "\xEF\xBB\xBF"
        "a: x\nb: y\n",
        "b", "y", "y");
    row("literal behind a byte order mark",
        "\xEF\xBB\xBF"
        "a: |\n  x\nb: y\n",
        "a", "x\n", "|\n  x\n");
    row("umlauts", "a: 'gr\xC3\xBC\xC3\x9F'\nb: y\n", "b", "y", "y");
    row("list as deep as its key", "a:\n- x\n- y\nb: z\n", "a[1]", "y", "y");
    row("behind the marker", "--- {a: x}\n", "a", "x", "x");
    row("colon in a value", "a: http://x:80/y#z\n", "a", "http://x:80/y#z", "http://x:80/y#z");
}

void TestDocument::valuesKnowTheirBytes()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, value);
    QFETCH(QByteArray, bytes);
    const std::string source = text.toStdString();
    const NodePtr root = onlyRoot(source);
    QVERIFY(root);
    const NodePtr node = root->at(path.toStdString());
    QVERIFY(node);
    QCOMPARE(QByteArray::fromStdString(node->scalar), value);
    QCOMPARE(QByteArray::fromStdString(source.substr(node->begin, node->end - node->begin)), bytes);
}

void TestDocument::places_data()
{
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<int>("line");
    QTest::addColumn<int>("column");

    QTest::newRow("scalar") << QByteArray("kind") << 2 << 7;
    QTest::newRow("block at its key") << QByteArray("spec.http") << 5 << 3;
    QTest::newRow("item") << QByteArray("spec.http[0]") << 6 << 5;
    QTest::newRow("deep") << QByteArray("spec.http[0].route[0].host") << 8 << 13;
    QTest::newRow("absent: its parent") << QByteArray("spec.http[0].route[0].port.number") << 8 << 7;
    QTest::newRow("absent item: the list") << QByteArray("spec.http[3].timeout") << 5 << 3;
    QTest::newRow("null") << QByteArray("spec.gateways") << 9 << 3;
    QTest::newRow("nothing of it") << QByteArray("status.x") << 2 << 1;
}

void TestDocument::places()
{
    QFETCH(QByteArray, path);
    const NodePtr root = onlyRoot("# comment\n"
                                  "kind: VirtualService\n"
                                  "spec:\n"
                                  "  hosts: [a]\n"
                                  "  http:\n"
                                  "  - name: x\n"
                                  "    route:\n"
                                  "    - host: test.com\n"
                                  "  gateways:\n");
    QVERIFY(root);
    const Place place = root->placeOf(path.toStdString());
    QCOMPARE(QByteArray::fromStdString(place.file), QByteArray("a.yaml"));
    QTEST(place.line, "line");
    QTEST(place.column, "column");
}

void TestDocument::documentsOfAFile_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("names");

    QTest::newRow("one") << QByteArray("n: a\n") << QStringList{"a"};
    QTest::newRow("two") << QByteArray("n: a\n---\nn: b\n") << QStringList{"a", "b"};
    QTest::newRow("leading marker") << QByteArray("---\nn: a\n---\nn: b") << QStringList{"a", "b"};
    QTest::newRow("empty ones") << QByteArray("---\n---\n# c\n---\nn: a\n---\n") << QStringList{"a"};
    QTest::newRow("comment behind the marker") << QByteArray("--- # first\nn: a\n") << QStringList{"a"};
    QTest::newRow("end marker") << QByteArray("n: a\n...\n---\nn: b\n") << QStringList{"a", "b"};
    QTest::newRow("directive") << QByteArray("%YAML 1.2\n---\nn: a\n") << QStringList{"a"};
    QTest::newRow("marker inside a literal") << QByteArray("n: a\nt: |\n  ---\n  x\n") << QStringList{"a"};
    QTest::newRow("crlf") << QByteArray("n: a\r\n---\r\nn: b\r\n") << QStringList{"a", "b"};
    QTest::newRow("nothing") << QByteArray("# only a comment\n") << QStringList{};
    QTest::newRow("empty file") << QByteArray() << QStringList{};
}

void TestDocument::documentsOfAFile()
{
    QFETCH(QByteArray, text);
    QStringList names;
    const std::string source = text.toStdString();
    int index = 0;
    for (const Document &document : parseDocuments(source, file)) {
        QVERIFY2(document.root, document.error ? document.error->toString().c_str() : "");
        QCOMPARE(document.index, index++);
        names << QString::fromStdString(document.root->find("n")->scalar);
    }
    QTEST(names, "names");
}

void TestDocument::brokenTextSaysWhereAndWhat_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<int>("line");
    QTest::addColumn<QByteArray>("says");

    const auto row = [](const char *name, const QByteArray &text, int line, const char *says) {
        QTest::newRow(name) << text << line << QByteArray(says);
    };
    row("key between siblings", "a: 1\n  b: 2\n", 2, "cannot hold a key");
    row("less deep than its siblings", "a:\n    b: 1\n  c: 2\n", 3, "another key");
    row("last key without a colon", "a: 1\nhosts\n", 2, "expected :");
    row("tab", "a:\n\tb: 1\n", 2, "tab");
    row("open quote", "a: 'x\nb: 1\n", 1, "closing quote");
    row("open brace", "a: {b: 1\n", 2, "} ");
    row("open bracket", "a: [b, c\n", 2, "]");
    row("unknown alias", "a: *x\n", 1, "anchor of that name");
    row("a star as text", "hosts:\n- *\n", 2, "name of an anchor");
    row("at sign", "a: @x\n", 1, "no text begins with");
    row("list in a mapping", "a: 1\n- b\n", 2, "key of the mapping");
    row("wrong escape", "a: \"\\q\"\n", 1, "known escape");
    row("text behind a document", "a\nb: 1\n", 2, "");
    row("latin-1", "a: gr\xFC\xDF\n", 1, "0xfc");
    row("utf-16",
        QByteArray("\xFF\xFE"
                   "a\0:\0",
                   6),
        1, "UTF-16");
    row("directive without a document marker", "%YAML 1.2\na: b\n", 1, "---");
    row("lone carriage return", "a: x\rb: y\n", 1, "line feed");
    row("control character", "a: x\nb: \x04\n", 2, "0x04");
}

void TestDocument::brokenTextSaysWhereAndWhat()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, says);
    const std::vector<Document> documents = parseDocuments(text.toStdString(), file);
    QCOMPARE(documents.size(), std::size_t(1));
    QVERIFY(!documents.front().root);
    QVERIFY(documents.front().error);
    const Error &error = *documents.front().error;
    QVERIFY2(error.what.find(says.trimmed().toStdString()) != std::string::npos, error.toString().c_str());
    QVERIFY(!error.hint.empty());
    QCOMPARE(QByteArray::fromStdString(error.where.file), QByteArray("a.yaml"));
    QTEST(error.where.line, "line");
    QVERIFY(error.where.column > 0);
}

void TestDocument::aBrokenDocumentLeavesTheOthersWhole()
{
    const std::vector<Document> documents = parseDocuments("n: a\n---\nn: 'b\n---\nn: c\n", file);
    QCOMPARE(documents.size(), std::size_t(3));
    QVERIFY(documents[0].root);
    QVERIFY(documents[1].error);
    QCOMPARE(documents[1].error->where.line, 3);
    QVERIFY(documents[2].root);
    QCOMPARE(documents[2].root->find("n")->place.line, 5);
}

void TestDocument::aliasesAndMergeKeys()
{
    const NodePtr root = onlyRoot("base: &b\n  x: 1\n  y: 2\n"
                                  "one:\n  <<: *b\n  y: 3\n"
                                  "two:\n  <<: [{z: 4}, *b]\n"
                                  "list: [*b]\n");
    QVERIFY(root);
    QCOMPARE(root->at("one.x")->scalar, std::string("1"));
    QCOMPARE(root->at("one.y")->scalar, std::string("3"));
    QCOMPARE(root->at("two.z")->scalar, std::string("4"));
    QCOMPARE(root->at("two.x")->scalar, std::string("1"));
    QCOMPARE(root->at("list[0]"), root->at("base"));
    QStringList keys;
    for (const auto &[key, value] : root->at("one")->allEntries())
        keys << QString::fromStdString(key->scalar + '=' + value->scalar);
    QCOMPARE(keys, (QStringList{"y=3", "x=1"}));
}

void TestDocument::anAliasInItsOwnAnchorIsRefused()
{
    const std::vector<Document> documents = parseDocuments("a: &a\n  b: *a\n", file);
    QVERIFY(documents.front().error);
    QCOMPARE(documents.front().error->where.line, 2);
}

void TestDocument::aliasesThatUnfoldToTooMuchAreRefused()
{
    std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; ++i) {
        const std::string before = "*a" + std::to_string(i - 1);
        text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
        for (int k = 0; k < 10; ++k)
            text += before + (k < 9 ? ", " : "]\n");
    }
    const std::vector<Document> documents = parseDocuments(text, file);
    QVERIFY(documents.front().error);
    QVERIFY(documents.front().error->what.find("million") != std::string::npos);
}

void TestDocument::duplicateKeysAreReported()
{
    const std::vector<Document> documents = parseDocuments("a: 1\nb: {c: 1, c: 2}\na: 3\n", file);
    const Document &document = documents.front();
    QVERIFY(document.root);
    QCOMPARE(document.duplicateKeys.size(), std::size_t(2));
    QCOMPARE(document.duplicateKeys[0].where.line, 2);
    QCOMPARE(document.duplicateKeys[0].where.column, 11);
    QCOMPARE(document.duplicateKeys[1].where.line, 3);
}

void TestDocument::embeddedDocumentsHaveThePlacesOfTheFile()
{
    const NodePtr root = onlyRoot("data:\n"
                                  "  mesh: |\n"
                                  "    # comment\n"
                                  "    trustDomain: x\n"
                                  "\n"
                                  "    outboundTrafficPolicy:\n"
                                  "      mode: REGISTRY_ONLY\n"
                                  "  other: 'a: b'\n");
    QVERIFY(root);
    const std::optional<Document> mesh = parseEmbedded(*root->at("data.mesh"));
    QVERIFY(mesh && mesh->root);
    const Place place = mesh->root->placeOf("outboundTrafficPolicy.mode");
    QCOMPARE(place.line, 7);
    QCOMPARE(place.column, 13);
    const std::optional<Document> other = parseEmbedded(*root->at("data.other"));
    QVERIFY(other && other->root);
    QCOMPARE(other->root->placeOf("a").line, 8);
}

QTEST_GUILESS_MAIN(TestDocument)
#include "test_document.moc"
