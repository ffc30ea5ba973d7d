// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/expectations.h"

#include "core/yaml/document.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <algorithm>
#include <strings.h>

namespace sallyport::lab {

namespace {

using yaml::Node;
using yaml::NodePtr;

/// Reads a mapping key by key and complains of keys that mean nothing.
class Reader
{
public:
    Reader(const Node &node, std::vector<Error> &errors)
        : m_node(node)
        , m_errors(errors)
    {
        if (!node.isMapping())
            m_errors.push_back({"a mapping is expected here", node.place, {}});
    }
    ~Reader()
    {
        for (const auto &[key, value] : m_node.entries) {
            if (std::find(m_read.begin(), m_read.end(), key->scalar) == m_read.end())
                m_errors.push_back({"`" + key->scalar + "` means nothing here", key->place, {}});
        }
    }
    Reader(const Reader &) = delete;
    Reader &operator=(const Reader &) = delete;

    NodePtr node(const char *key)
    {
        m_read.push_back(key);
        return m_node.find(key);
    }

    std::optional<std::string> text(const char *key, bool required = false)
    {
        const NodePtr value = node(key);
        if (value && value->isScalar())
            return value->scalar;
        if (value)
            m_errors.push_back({std::string("`") + key + "` is a text", value->place, {}});
        else if (required)
            m_errors.push_back({std::string("`") + key + "` is missing", m_node.place, {}});
        return std::nullopt;
    }

    std::map<std::string, std::string> texts(const char *key)
    {
        std::map<std::string, std::string> result;
        const NodePtr value = node(key);
        if (!value)
            return result;
        for (const auto &[name, item] : value->entries) {
            if (item->isScalar() || item->isNull())
                result.emplace(name->scalar, item->isNull() ? "null" : item->scalar);
            else
                m_errors.push_back({"a text is expected here", item->place, {}});
        }
        return result;
    }

    std::vector<NodePtr> list(const char *key)
    {
        const NodePtr value = node(key);
        if (!value)
            return {};
        if (!value->isSequence())
            m_errors.push_back({std::string("`") + key + "` is a list", value->place, {}});
        return value->items;
    }

private:
    const Node &m_node;
    std::vector<Error> &m_errors;
    std::vector<std::string> m_read;
};

ExpectedHop readHop(const Node &node, std::vector<Error> &errors)
{
    ExpectedHop hop;
    if (!node.isMapping()) {
        errors.push_back({"a hop is a mapping with `proxy` and fields of its log line", node.place, {}});
        return hop;
    }
    for (const auto &[key, value] : node.entries) {
        if (key->scalar == "proxy")
            hop.proxy = value->scalar;
        else
            hop.fields.emplace(key->scalar, value->isNull() ? "null" : value->scalar);
    }
    if (hop.proxy.empty())
        errors.push_back({"`proxy` is missing", node.place, "name the workload: primary:default/sleep"});
    return hop;
}

ExpectedWire readWire(const Node &node, std::vector<Error> &errors)
{
    Reader reader(node, errors);
    ExpectedWire wire;
    wire.from = reader.text("from", true).value_or("");
    wire.to = reader.text("to", true).value_or("");
    const std::string bytes = reader.text("bytes", true).value_or("tls");
    if (bytes != "tls" && bytes != "plaintext")
        errors.push_back({"`bytes` is tls or plaintext", node.place, {}});
    wire.tls = bytes == "tls";
    wire.sni = reader.text("sni");
    return wire;
}

Check readCheck(const Node &node, std::vector<Error> &errors)
{
    Reader reader(node, errors);
    Check check;
    check.place = node.place;
    check.name = reader.text("name", true).value_or("");
    check.via = reader.text("via", true).value_or("");
    check.request = reader.text("request", true).value_or("");
    for (const auto &[name, value] : reader.texts("headers"))
        check.headers.emplace_back(name, value);
    check.body = reader.text("data");
    const NodePtr expect = reader.node("expect");
    if (!expect) {
        errors.push_back({"`expect` is missing", node.place, {}});
        return check;
    }
    Reader expected(*expect, errors);
    if (const auto status = expected.text("status"))
        check.status = std::atoi(status->c_str());
    check.answerContains = expected.text("contains");
    check.answerHeaders = expected.texts("headers");
    if (const NodePtr hops = expected.node("hops")) {
        check.hops.emplace();
        for (const NodePtr &hop : hops->items)
            check.hops->push_back(readHop(*hop, errors));
    }
    for (const NodePtr &wire : expected.list("wire"))
        check.wire.push_back(readWire(*wire, errors));
    return check;
}

std::string fieldText(const QJsonValue &value)
{
    if (value.isString())
        return value.toString().toStdString();
    if (value.isNull() || value.isUndefined())
        return "null";
    if (value.isDouble())
        return QString::number(value.toDouble(), 'g', 15).toStdString();
    if (value.isBool())
        return value.toBool() ? "true" : "false";
    return QJsonDocument(value.isArray() ? QJsonDocument(value.toArray()) : QJsonDocument(value.toObject()))
        .toJson(QJsonDocument::Compact)
        .toStdString();
}

/// The first line that says something, cut where it gets long.
std::string shortened(const std::string &text)
{
    constexpr std::size_t limit = 60;
    const std::size_t begin = text.find_first_not_of(" \r\n\t");
    if (begin == std::string::npos)
        return text.empty() ? "nothing" : "blanks";
    const std::size_t end = std::min(text.find_first_of("\r\n", begin), text.size());
    return end - begin > limit ? text.substr(begin, limit) + "…" : text.substr(begin, end - begin);
}

std::string names(const std::vector<std::string> &list)
{
    std::string text;
    for (const std::string &item : list)
        text += (text.empty() ? "" : ", ") + item;
    return text.empty() ? "none" : text;
}

class Judge
{
public:
    Judge(const Check &check, const Observation &seen)
        : m_check(check)
        , m_seen(seen)
    {
    }

    std::vector<Row> rows()
    {
        if (!m_seen.failure.empty()) {
            add("request", m_check.via, "is sent", m_seen.failure, false);
            return std::move(m_rows);
        }
        judgeAnswer();
        judgeHops();
        judgeWire();
        return std::move(m_rows);
    }

private:
    void add(std::string what, std::string where, std::string expected, std::string seen, bool passed)
    {
        m_rows.push_back(
            {m_check.name, std::move(what), std::move(where), std::move(expected), std::move(seen), passed});
    }

    void judgeAnswer()
    {
        if (m_check.status) {
            const std::string seen = m_seen.status ? std::to_string(m_seen.status) : "no answer";
            const std::string expected = *m_check.status ? std::to_string(*m_check.status) : "no answer";
            add("status", m_check.via, expected, seen, expected == seen);
        }
        if (m_check.answerContains)
            add("answer", m_check.via, "…" + *m_check.answerContains + "…", shortened(m_seen.body),
                m_seen.body.find(*m_check.answerContains) != std::string::npos);
        for (const auto &[name, expected] : m_check.answerHeaders) {
            std::string seen = "none";
            for (const auto &[key, value] : m_seen.headers) {
                if (::strcasecmp(key.c_str(), name.c_str()) == 0)
                    seen = value;
            }
            add("header " + name, m_check.via, expected, seen, expected == seen);
        }
    }

    void judgeHops()
    {
        if (!m_check.hops)
            return;
        std::vector<std::string> expected;
        std::vector<std::string> seen;
        for (const ExpectedHop &hop : *m_check.hops)
            expected.push_back(hop.proxy);
        for (const auto &hop : m_seen.hops)
            seen.push_back(hop.first);
        add("hops", m_check.via, names(expected), names(seen), expected == seen);
        for (std::size_t index = 0; index < m_check.hops->size(); ++index) {
            const ExpectedHop &hop = (*m_check.hops)[index];
            const bool there = index < m_seen.hops.size() && m_seen.hops[index].first == hop.proxy;
            for (const auto &[field, value] : hop.fields) {
                const std::string found =
                    there ? fieldText(m_seen.hops[index].second[QString::fromStdString(field)])
                          : "no log line";
                add(field, hop.proxy, value, found, there && found == value);
            }
        }
    }

    void judgeWire()
    {
        for (const ExpectedWire &wire : m_check.wire) {
            const std::string where = wire.from + " → " + wire.to;
            const std::string expected =
                wire.tls ? wire.sni ? "TLS, SNI " + *wire.sni : "TLS" : std::string("plaintext");
            std::vector<std::string> seen;
            bool passed = true;
            for (const SeenWire &bytes : m_seen.wire) {
                if (bytes.from != wire.from || bytes.to != wire.to)
                    continue;
                const std::string text = bytes.tls ? bytes.sni.empty() ? "TLS" : "TLS, SNI " + bytes.sni
                                                   : "plaintext: " + shortened(bytes.firstLine);
                if (std::find(seen.begin(), seen.end(), text) == seen.end())
                    seen.push_back(text);
                passed = passed && bytes.tls == wire.tls && (!wire.sni || bytes.sni == *wire.sni);
            }
            add("bytes", where, expected, seen.empty() ? "no bytes" : names(seen), passed && !seen.empty());
        }
    }

    const Check &m_check;
    const Observation &m_seen;
    std::vector<Row> m_rows;
};

} // namespace

Result<std::vector<Check>> parseExpectations(std::string_view text, const std::string &file)
{
    std::vector<Check> checks;
    std::vector<Error> errors;
    for (const yaml::Document &document : yaml::parseDocuments(text, file)) {
        if (document.error)
            return fail(*document.error);
        if (!document.root)
            continue;
        Reader reader(*document.root, errors);
        for (const NodePtr &node : reader.list("checks"))
            checks.push_back(readCheck(*node, errors));
    }
    if (!errors.empty())
        return fail(errors.front());
    return checks;
}

Result<std::vector<Check>> loadExpectations(const std::string &projectPath)
{
    const std::string path = projectPath + "/.sallyport/expectations.yaml";
    QFile file(QString::fromStdString(path));
    if (!file.exists())
        return std::vector<Check>();
    if (!file.open(QIODevice::ReadOnly))
        return fail("cannot be read: " + file.errorString().toStdString(), {path});
    return parseExpectations(file.readAll().toStdString(), ".sallyport/expectations.yaml");
}

std::vector<Row> judge(const Check &check, const Observation &seen)
{
    return Judge(check, seen).rows();
}

} // namespace sallyport::lab
