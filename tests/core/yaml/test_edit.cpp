// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/yaml/edit.h"

#include <QtTest>
#include <functional>

using namespace sallyport;
using namespace sallyport::yaml;

namespace {

using Edit = std::function<Result<TextEdit>(std::string_view, const Node &)>;

NodePtr rootOf(const std::string &text)
{
    const std::vector<Document> documents = parseDocuments(text, "a.yaml");
    return documents.size() == 1 ? documents.front().root : nullptr;
}

Edit scalar(const char *path, const char *value, ScalarType type = ScalarType::AsBefore)
{
    return [=](std::string_view text, const Node &root) { return setScalar(text, root, path, value, type); };
}
Edit block(const char *path, const char *value)
{
    return [=](std::string_view text, const Node &root) { return setBlock(text, root, path, value); };
}
Edit append(const char *path, const char *value)
{
    return [=](std::string_view text, const Node &root) { return appendItem(text, root, path, value); };
}
Edit insertion(const char *path, std::size_t index, const char *value)
{
    return
        [=](std::string_view text, const Node &root) { return insertItem(text, root, path, index, value); };
}
Edit removal(const char *path)
{
    return [=](std::string_view text, const Node &root) { return removeAt(text, root, path); };
}
Edit embedded(const char *path, const char *inner, const char *value)
{
    return [=](std::string_view text, const Node &root) {
        return setEmbeddedScalar(text, root, path, inner, value);
    };
}

} // namespace
Q_DECLARE_METATYPE(Edit)

class TestEdit : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void edits_data();
    void edits();
    void refusals_data();
    void refusals();
    void documents();
    void anyTextSurvivesAsAValue_data();
    void anyTextSurvivesAsAValue();
};

void TestEdit::edits_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<Edit>("edit");
    QTest::addColumn<QByteArray>("after");

    const auto row = [](const char *name, const char *before, const Edit &edit, const char *after) {
        QTest::newRow(name) << QByteArray(before) << edit << QByteArray(after);
    };
    // A value that is there
    row("plain", "a: x # why\nb: 1\n", scalar("a", "w"), "a: w # why\nb: 1\n");
    row("single quotes stay", "a: 'x'\n", scalar("a", "it's"), "a: 'it''s'\n");
    row("double quotes stay", "a: \"x\" # c\n", scalar("a", "y\"z"), "a: \"y\\\"z\" # c\n");
    row("number stays a number", "port: 80\n", scalar("port", "443"), "port: 443\n");
    row("text that looks like a number", "v: abc\n", scalar("v", "1.20"), "v: '1.20'\n");
    row("text that looks like a boolean", "v: abc\n", scalar("v", "yes"), "v: 'yes'\n");
    row("number asked for", "v: 'abc'\n", scalar("v", "80", ScalarType::Number), "v: 80\n");
    row("needs quotes", "a: x\n", scalar("a", "b: c"), "a: 'b: c'\n");
    row("star needs quotes", "hosts:\n- test.com\n", scalar("hosts[0]", "*"), "hosts:\n- '*'\n");
    row("empty", "a: x\n", scalar("a", ""), "a: ''\n");
    row("in brackets", "a: [x, y]\n", scalar("a[1]", "b,c"), "a: [x, 'b,c']\n");
    row("url stays plain", "a: x\n", scalar("a", "http://b:80/c"), "a: http://b:80/c\n");
    row("null", "a:\nb: 1\n", scalar("a", "x"), "a: x\nb: 1\n");
    row("null before a comment", "a: # c\nb: 1\n", scalar("a", "x"), "a: x # c\nb: 1\n");
    row("written null", "a: ~ # c\n", scalar("a", "x"), "a: x # c\n");
    row("anchored null", "a: &n\nb: *n\n", scalar("a", "x"), "a: &n x\nb: *n\n");
    row("anchored null item", "- &n\n- b\n", scalar("[0]", "x"), "- &n x\n- b\n");
    row("tag without a value", "- !t\n- b\n", scalar("[0]", "x"), "- !t x\n- b\n");
    row("null item", "a:\n-\n- y\n", scalar("a[0]", "x"), "a:\n- x\n- y\n");
    row("literal to one line", "a: |\n  x\n  y\nb: 1\n", scalar("a", "z"), "a: z\nb: 1\n");
    row("literal stays a literal", "a: |\n  x\n  y\nb: 1\n", scalar("a", "x\nz\n"), "a: |\n  x\n  z\nb: 1\n");
    row("literal without its last break", "a: |\n    x\n    y\nb: 1\n", scalar("a", "x\n\nz"),
        "a: |-\n    x\n\n    z\nb: 1\n");
    row("several lines in a plain value", "a: x\n", scalar("a", "x\ny"), "a: \"x\\ny\"\n");
    row("over lines", "a: one\n  two # c\nb: 1\n", scalar("a", "x"), "a: x # c\nb: 1\n");
    row("crlf", "a: x\r\nb: 1\r\n", scalar("a", "w"), "a: w\r\nb: 1\r\n");
    row("byte order mark",
        "\xEF\xBB\xBF"
        "a: x\n",
        scalar("a", "w"),
        "\xEF\xBB\xBF"
        "a: w\n");
    row("alias becomes a value", "a: &n x\nb: *n\n", scalar("b", "w"), "a: &n x\nb: w\n");
    row("anchor stays", "a: &n x\nb: *n\n", scalar("a", "w"), "a: &n w\nb: *n\n");
    row("merged value is overridden", "d: &d {x: 1}\na:\n  <<: *d\n  y: 2\n", scalar("a.x", "3"),
        "d: &d {x: 1}\na:\n  <<: *d\n  y: 2\n  x: 3\n");

    // A value that is not there yet
    row("new key", "spec:\n  a: 1\nx: 2\n", scalar("spec.b", "w"), "spec:\n  a: 1\n  b: w\nx: 2\n");
    row("new key behind a comment", "spec:\n  a: 1 # c\nx: 2\n", scalar("spec.b", "w"),
        "spec:\n  a: 1 # c\n  b: w\nx: 2\n");
    row("new nested keys", "spec:\n  a: 1\n", scalar("spec.tls.mode", "SIMPLE"),
        "spec:\n  a: 1\n  tls:\n    mode: SIMPLE\n");
    row("new list in new keys", "spec:\n  a: 1\n", scalar("spec.http[0].name", "x"),
        "spec:\n  a: 1\n  http:\n  - name: x\n");
    row("new key in an item", "l:\n- a: 1\n- b: 2\n", scalar("l[0].c", "x"), "l:\n- a: 1\n  c: x\n- b: 2\n");
    row("new item", "l:\n- a\n", scalar("l[1]", "b"), "l:\n- a\n- b\n");
    row("without a last line break", "a: 1", scalar("b", "2"), "a: 1\nb: 2");
    row("below a null", "spec:\n", scalar("spec.a", "x"), "spec:\n  a: x\n");
    row("below a null with a comment", "spec: # c\nx: 1\n", scalar("spec.a", "w"),
        "spec: # c\n  a: w\nx: 1\n");
    row("in empty braces", "spec: {}\nx: 1\n", scalar("spec.a", "w"), "spec:\n  a: w\nx: 1\n");
    row("in braces", "m: {a: 1}\n", scalar("m.b", "2"), "m: {a: 1, b: 2}\n");
    row("nested in braces", "m: {a: 1}\n", scalar("m.b.c", "x"), "m: {a: 1, b: {c: x}}\n");
    row("json", "{\n  \"a\": 1\n}\n", scalar("b", "x"), "{\n  \"a\": 1, b: x\n}\n");
    row("as deep as its siblings", "a:\n    b:\n        c: 1\n", scalar("a.d.e", "x"),
        "a:\n    b:\n        c: 1\n    d:\n        e: x\n");
    row("lists as deep as the others", "a:\n  - x\nb: 1\n", scalar("c[0]", "w"),
        "a:\n  - x\nb: 1\nc:\n  - w\n");
    row("several lines are a literal", "a: 1\n", scalar("b", "x\ny\n"), "a: 1\nb: |\n  x\n  y\n");
    row("crlf for new lines", "a: 1\r\n", scalar("b.c", "x"), "a: 1\r\nb:\r\n  c: x\r\n");
    row("before the next sibling's comment", "s:\n  a: 1\n# about t\nt: 1\n", scalar("s.b", "2"),
        "s:\n  a: 1\n  b: 2\n# about t\nt: 1\n");
    row("behind a literal", "s:\n  a: |\n    x\nt: 1\n", scalar("s.b", "2"),
        "s:\n  a: |\n    x\n  b: 2\nt: 1\n");
    row("number as text", "a: 1\n", scalar("b", "80", ScalarType::String), "a: 1\nb: '80'\n");
    row("key that needs quotes", "labels:\n  a: x\n", scalar("labels[\"on\"]", "w"),
        "labels:\n  a: x\n  'on': w\n");

    // Blocks
    row("block for a block", "a:\n  x: 1\n  y: 2\nb: 1\n", block("a", "z: 3\n"), "a:\n  z: 3\nb: 1\n");
    row("block for a value", "a: x # c\nb: 1\n", block("a", "z: 3"), "a: # c\n  z: 3\nb: 1\n");
    row("list for a block", "a: # c\n  x: 1\nb: 1\n", block("a", "- z\n- y"), "a: # c\n- z\n- y\nb: 1\n");
    row("value for a block", "a: # c\n  x: 1\nb: 1\n", block("a", "z"), "a: z # c\nb: 1\n");
    row("block for a literal", "a: |\n  x\nb: 1\n", block("a", "z: 3"), "a:\n  z: 3\nb: 1\n");
    row("block for an item", "l:\n- a: 1\n  b: 2\n- c\n", block("l[0]", "x: 1\ny:\n- 2"),
        "l:\n- x: 1\n  y:\n  - 2\n- c\n");
    row("new block", "spec:\n  a: 1\n", block("spec.tls", "mode: MUTUAL\nsni: x"),
        "spec:\n  a: 1\n  tls:\n    mode: MUTUAL\n    sni: x\n");
    row("braces", "spec:\n  a: 1\n", block("spec.tls", "{}"), "spec:\n  a: 1\n  tls: {}\n");

    // Items
    row("append", "l:\n- a\n- b # last\nx: 1\n", append("l", "c"), "l:\n- a\n- b # last\n- c\nx: 1\n");
    row("append a mapping", "l:\n- a: 1\n", append("l", "a: 2\nb: 3"), "l:\n- a: 1\n- a: 2\n  b: 3\n");
    row("append in brackets", "l: [a, b] # c\n", append("l", "c"), "l: [a, b, c] # c\n");
    row("append to none", "s:\n  a: 1\n", append("s.l", "x: 1"), "s:\n  a: 1\n  l:\n  - x: 1\n");
    row("append to empty brackets", "l: []\n", append("l", "x: 1"), "l:\n- x: 1\n");
    row("append to a deeper list", "l:\n  - a\nx: 1\n", append("l", "b"), "l:\n  - a\n  - b\nx: 1\n");
    row("append behind a comment with a dash", "l:\n- # - no item\n  a: 1\n", append("l", "b: 2"),
        "l:\n- # - no item\n  a: 1\n- b: 2\n");

    // Insertion
    row("before the first", "l:\n- a\n- b\n", insertion("l", 0, "x: 1\ny: 2"),
        "l:\n- x: 1\n  y: 2\n- a\n- b\n");
    row("before an item's comment", "l:\n- a # one\n\n# two\n# too\n- b\n", insertion("l", 1, "c"),
        "l:\n- a # one\n\n- c\n# two\n# too\n- b\n");
    row("behind a literal block", "l:\n- |\n  a\n  # no comment\n- b\n", insertion("l", 1, "c"),
        "l:\n- |\n  a\n  # no comment\n- c\n- b\n");
    row("in a deeper list", "s:\n    l:\n      - a\n", insertion("s.l", 0, "k: 1"),
        "s:\n    l:\n      - k: 1\n      - a\n");
    row("in brackets", "l: [a, b]\n", insertion("l", 1, "c"), "l: [a, c, b]\n");
    row("past the end", "l:\n- a\n", insertion("l", 7, "b"), "l:\n- a\n- b\n");
    row("into none", "s:\n  a: 1\n", insertion("s.l", 0, "b"), "s:\n  a: 1\n  l:\n  - b\n");

    // Removal
    row("key", "a: 1\nb: 2\nc: 3\n", removal("b"), "a: 1\nc: 3\n");
    row("key with a block", "a: 1\nb:\n  x: 1\n  # c\n  y: 2\nc: 3\n", removal("b"), "a: 1\nc: 3\n");
    row("item", "l:\n- a\n- b\n- c\n", removal("l[1]"), "l:\n- a\n- c\n");
    row("item with a mapping", "l:\n- a: 1\n  b: 2\n- c: 3\n", removal("l[0]"), "l:\n- c: 3\n");
    row("first key of an item", "l:\n- a: 1\n  b: 2\n", removal("l[0].a"), "l:\n- b: 2\n");
    row("last of a list takes the list", "a: 1\nl:\n- x\n", removal("l[0]"), "a: 1\n");
    row("null", "a:\nb: 1\n", removal("a"), "b: 1\n");
    row("from braces", "m: {a: 1, b: 2, c: 3}\n", removal("m.b"), "m: {a: 1, c: 3}\n");
    row("last from braces", "m: {a: 1, b: 2}\n", removal("m.b"), "m: {a: 1}\n");
    row("from brackets", "m: [a, b]\n", removal("m[0]"), "m: [b]\n");
    row("alias", "a: &n x\nb: *n\nc: 1\n", removal("b"), "a: &n x\nc: 1\n");
    row("literal", "a: |\n  x\n\nb: 1\n", removal("a"), "\nb: 1\n");
    row("last without a line break", "a: 1\nb: 2", removal("b"), "a: 1\n");

    // A document in a value
    row("embedded", "data:\n  mesh: |\n    # c\n    a: x # d\n    b: 1\n  other: y\n",
        embedded("data.mesh", "a", "z"), "data:\n  mesh: |\n    # c\n    a: z # d\n    b: 1\n  other: y\n");
    row("embedded, new", "data:\n  mesh: |-\n    a: x\n", embedded("data.mesh", "p.mode", "ALLOW_ANY"),
        "data:\n  mesh: |-\n    a: x\n    p:\n      mode: ALLOW_ANY\n");
    row("embedded in nothing", "data:\n  x: y\n", embedded("data.mesh", "p.mode", "ALLOW_ANY"),
        "data:\n  x: y\n  mesh: |\n    p:\n      mode: ALLOW_ANY\n");
}

void TestEdit::edits()
{
    QFETCH(QByteArray, before);
    QFETCH(Edit, edit);
    const std::string text = before.toStdString();
    const NodePtr root = rootOf(text);
    QVERIFY(root);
    const Result<TextEdit> made = edit(text, *root);
    QVERIFY2(made, made ? "" : made.error().toString().c_str());
    const std::string result = applied(text, *made);
    QTEST(QByteArray::fromStdString(result), "after");
    QVERIFY(rootOf(result));
}

void TestEdit::refusals_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<Edit>("edit");

    const auto row = [](const char *name, const char *before, const Edit &edit) {
        QTest::newRow(name) << QByteArray(before) << edit;
    };
    row("a mapping is no scalar", "a:\n  b: 1\n", scalar("a", "x"));
    row("below a scalar", "a: 1\n", scalar("a.b", "x"));
    row("an item too far", "l:\n- a\n", scalar("l[2]", "x"));
    row("an item of a mapping", "m:\n  a: 1\n", scalar("m[0]", "x"));
    row("through an alias", "a: &n {x: 1}\nb: *n\n", scalar("b.x", "2"));
    row("a block in braces", "m: {a: 1}\n", block("m.b", "x: 1\ny: 2"));
    row("nothing to remove", "a: 1\n", removal("b"));
    row("no list to append to", "a: 1\n", append("a", "x"));
    row("a block into brackets", "l: [a]\n", insertion("l", 0, "x: 1\ny: 2"));
    row("before a list in a list", "- - a\n", insertion("[0]", 0, "b"));
}

void TestEdit::refusals()
{
    QFETCH(QByteArray, before);
    QFETCH(Edit, edit);
    const std::string text = before.toStdString();
    const NodePtr root = rootOf(text);
    QVERIFY(root);
    const Result<TextEdit> made = edit(text, *root);
    QVERIFY(!made);
    QVERIFY(!made.error().what.empty());
    QVERIFY(made.error().where.line > 0);
}

void TestEdit::documents()
{
    const auto add = [](const std::string &text) { return applied(text, appendDocument(text, "b: 2\n")); };
    QCOMPARE(add("a: 1\n"), std::string("a: 1\n---\nb: 2\n"));
    QCOMPARE(add("a: 1"), std::string("a: 1\n---\nb: 2\n"));
    QCOMPARE(add(""), std::string("b: 2\n"));
    QCOMPARE(add("# c\n"), std::string("# c\nb: 2\n"));
    QCOMPARE(add("a: 1\r\n"), std::string("a: 1\r\n---\r\nb: 2\r\n"));

    const auto without = [](const std::string &text, std::size_t index) {
        return applied(text, removeDocument(text, parseDocuments(text, "a.yaml").at(index)));
    };
    QCOMPARE(without("a: 1\n---\nb: 2\n---\nc: 3\n", 0), std::string("b: 2\n---\nc: 3\n"));
    QCOMPARE(without("a: 1\n---\nb: 2\n---\nc: 3\n", 1), std::string("a: 1\n---\nc: 3\n"));
    QCOMPARE(without("a: 1\n---\nb: 2\n---\nc: 3\n", 2), std::string("a: 1\n---\nb: 2\n"));
    QCOMPARE(without("---\na: 1\n---\nb: 2\n", 0), std::string("---\nb: 2\n"));
    QCOMPARE(without("a: 1\n", 0), std::string());
}

void TestEdit::anyTextSurvivesAsAValue_data()
{
    QTest::addColumn<QByteArray>("value");
    const char *const values[] = {"",    " ",       "a",     "a b",        " a",
                                  "a ",  "- a",     "-",     "--",         "---",
                                  "?",   "? a",     ":",     "a:",         "a: b",
                                  ":a",  "#",       "a #b",  "a#b",        "&a",
                                  "*",   "*.a.com", "!a",    "|",          ">",
                                  "'",   "''",      "\"",    "%",          "@a",
                                  "`",   "{",       "}",     "[a]",        "a,b",
                                  "~",   "null",    "Null",  "true",       "yes",
                                  "off", "n",       "1",     "1.5",        "0x1f",
                                  "1e3", ".inf",    "1_000", "2001-01-01", "12:30:45",
                                  "=",   "<<",      "a\nb",  "a\n",        "\na",
                                  "\n",  " a\nb\n", "a\n\n", "a\tb",       "\t",
                                  "\\",  "a\\nb",   "\x7f",  "a\r\nb",     "gr\xC3\xBC\xC3\x9F",
                                  "...", "%a: b",   "${X}",  "a: ",        "/a/*"};
    for (const char *value : values)
        QTest::newRow(QByteArray(value).toPercentEncoding().constData()) << QByteArray(value);
}

void TestEdit::anyTextSurvivesAsAValue()
{
    QFETCH(QByteArray, value);
    const std::string wanted = value.toStdString();
    for (const std::string before : {"k: plain\nz: 1\n", "k: 'single'\nz: 1\n", "k: \"double\"\nz: 1\n",
                                     "k: |\n  literal\n  text\nz: 1\n", "k: >\n  folded\n  text\nz: 1\n",
                                     "m: {k: x, z: 1}\n", "l:\n- x\n- y\n", "l: [x, y]\n", "z: 1\n"}) {
        const std::string path = before.starts_with('l') ? "l[0]" : before.starts_with('m') ? "m.k" : "k";
        const NodePtr root = rootOf(before);
        QVERIFY(root);
        const Result<TextEdit> edit = setScalar(before, *root, path, wanted, ScalarType::String);
        QVERIFY2(edit, edit ? "" : edit.error().toString().c_str());
        const std::string after = applied(before, *edit);
        const NodePtr changed = rootOf(after);
        QVERIFY2(changed, after.c_str());
        const NodePtr node = changed->at(path);
        QVERIFY2(node && node->isScalar(), after.c_str());
        QVERIFY2(node->scalar == wanted, after.c_str());
        if (before.find('z') != std::string::npos && path == "k")
            QVERIFY2(changed->at("z")->scalar == "1", after.c_str());
    }
}

QTEST_GUILESS_MAIN(TestEdit)
#include "test_edit.moc"
