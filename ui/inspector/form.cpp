// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form.h"

#include "core/yaml/document.h"
#include "ui/editor/field_words.h"
#include "ui/inspector/form_choices.h"
#include "ui/inspector/form_findings.h"

#include <algorithm>

namespace sallyport::inspector {

namespace {

using model::FieldType;
using model::KnownField;
using yaml::NodePtr;

/// A mapping with more fields than this gets a section of its own.
constexpr std::size_t inlineLimit = 6;
constexpr const char *meshConfig = "data.mesh";

std::string child(const std::string &path, const std::string &key)
{
    if (key.find_first_of(".[") != std::string::npos)
        return path + "[\"" + key + "\"]";
    return path.empty() ? key : path + '.' + key;
}

std::string item(const std::string &path, std::size_t index)
{
    return path + '[' + std::to_string(index) + ']';
}

bool endsWith(const std::string &path, const std::string &end)
{
    return path == end || path.ends_with('.' + end);
}

bool isScalarType(FieldType type)
{
    return type == FieldType::Text || type == FieldType::TextOrNumber || type == FieldType::Boolean ||
           type == FieldType::Number || type == FieldType::TimeSpan || type == FieldType::Word;
}

/// Fields that a person looks for, whether they are there or not.
bool isKeyField(const std::string &kind, const std::string &path, const yaml::Node *mapping)
{
    const auto is = [&](const char *end) { return endsWith(path, end); };
    if (kind == "DestinationRule") {
        const NodePtr mode = mapping ? mapping->find("mode") : nullptr;
        const bool own = mode && (mode->scalar == "MUTUAL" || mode->scalar == "SIMPLE");
        return is("tls.mode") || (own && (is("tls.sni") || is("tls.subjectAltNames"))) ||
               (own && mode->scalar == "MUTUAL" && is("tls.credentialName")) || is("spec.host");
    }
    if (kind == "Gateway")
        return is("tls.mode") || is("port.number") || is("port.protocol") || is("servers.hosts");
    if (kind == "ServiceEntry")
        return is("spec.location") || is("spec.resolution") || is("spec.hosts");
    return (kind == "AuthorizationPolicy" && is("spec.action")) ||
           (kind == "PeerAuthentication" && is("mtls.mode")) ||
           (kind == "VirtualService" && is("spec.hosts"));
}

class Builder
{
public:
    Builder(const model::Project &project, const model::Resource &resource,
            const std::set<std::string> &opened)
        : m_project(project)
        , m_resource(resource)
        , m_opened(opened)
    {
    }

    Form build()
    {
        Form form;
        form.resource = QString::fromStdString(m_resource.title());
        m_form = &form;
        section("spec", at("spec"), false);
        if (m_resource.kind == "ConfigMap")
            meshConfiguration();
        section("metadata", at("metadata"), false);
        std::erase_if(form.sections,
                      [](const FormSection &each) { return each.fields.empty() && each.missing.empty(); });
        return form;
    }

private:
    NodePtr at(const std::string &path) const
    {
        return m_resource.node ? m_resource.node->at(path) : nullptr;
    }

    std::vector<KnownField> known(const std::string &path) const
    {
        return model::knownFields(m_resource.apiVersion, m_resource.kind, path);
    }

    bool isOpened(const std::string &path) const
    {
        return std::any_of(m_opened.begin(), m_opened.end(), [&](const std::string &each) {
            return each == path || each.starts_with(path + '.') || each.starts_with(path + '[');
        });
    }

    void meshConfiguration()
    {
        const NodePtr text = at(meshConfig);
        const auto document = text && text->isScalar() ? yaml::parseEmbedded(*text) : std::nullopt;
        if (!document || !document->root)
            return;
        m_embedded = true;
        m_document = document->root;
        section(meshConfig, document->root, false);
        m_embedded = false;
    }

    void section(const std::string &path, const NodePtr &node, bool removable)
    {
        const std::size_t index = m_form->sections.size();
        FormSection &made = m_form->sections.emplace_back();
        made.path = path;
        made.title = titleOf(path);
        made.removable = removable;
        if (!node || node->isMapping())
            fields(index, path, path, node);
    }

    static QString titleOf(const std::string &path)
    {
        QString title = QString::fromStdString(path);
        if (title.startsWith(QLatin1String("spec.")))
            title.remove(0, 5);
        return title;
    }

    /// Adds what `node` has, in the YAML's order, then what stands empty, and notes what could be added.
    void fields(std::size_t section, const std::string &base, const std::string &path, const NodePtr &node)
    {
        std::vector<KnownField> list = known(path);
        const auto place = [&](const KnownField &field) {
            const NodePtr key = node ? node->findKey(field.name) : nullptr;
            return key ? key->begin : static_cast<std::size_t>(-1);
        };
        std::stable_sort(list.begin(), list.end(),
                         [&](const KnownField &a, const KnownField &b) { return place(a) < place(b); });
        for (const KnownField &field : list) {
            if (!isHidden(path, field.name))
                add(section, base, child(path, field.name), field, node ? node->find(field.name) : nullptr,
                    node.get());
        }
        if (node)
            unknown(section, base, path, *node, list);
    }

    /// Fields that no reader knows stay visible, so that what is said of them has a place.
    void unknown(std::size_t section, const std::string &base, const std::string &path,
                 const yaml::Node &node, const std::vector<KnownField> &list)
    {
        for (const auto &[key, value] : node.allEntries()) {
            const bool isKnown = std::any_of(
                list.begin(), list.end(), [&](const KnownField &each) { return each.name == key->scalar; });
            if (isKnown || isHidden(path, key->scalar) || !value->isScalar())
                continue;
            FormField row = rowOf(base, child(path, key->scalar), {key->scalar, FieldType::Text, {}}, value);
            row.removable = true;
            m_form->sections[section].fields.push_back(std::move(row));
        }
    }

    bool isHidden(const std::string &path, const std::string &name) const
    {
        return (path == "metadata" && name != "name" && name != "namespace" && name != "labels") ||
               (m_resource.kind == "Secret");
    }

    void add(std::size_t section, const std::string &base, const std::string &path, const KnownField &field,
             const NodePtr &value, const yaml::Node *mapping)
    {
        const bool present = value && !value->isNull();
        switch (field.type) {
        case FieldType::Object:
            object(section, base, path, value);
            return;
        case FieldType::Objects:
            objects(section, base, path, value);
            return;
        case FieldType::Entries:
            if (present && value->isMapping()) {
                for (const auto &[key, entry] : value->allEntries())
                    this->section(child(path, key->scalar), entry, !m_embedded);
            }
            return;
        case FieldType::Kept:
            if (!present || !value->isScalar())
                return;
            break;
        default:
            break;
        }
        if (present || isOpened(path) || isKeyField(m_resource.kind, path, mapping))
            m_form->sections[section].fields.push_back(rowOf(base, path, field, value));
        else if (!m_embedded || isScalarType(field.type))
            offer(section, base, path);
    }

    void object(std::size_t section, const std::string &base, const std::string &path, const NodePtr &value)
    {
        const bool present = value && value->isMapping();
        const std::size_t size = known(path).size();
        const bool deep = std::count(path.begin() + static_cast<long>(base.size()), path.end(), '.') > 2;
        if (size <= inlineLimit && !deep) {
            fields(section, base, path, value);
            return;
        }
        if (present || isOpened(path))
            this->section(path, value, present && !m_embedded);
        else if (!m_embedded)
            offer(section, base, path);
    }

    void objects(std::size_t section, const std::string &base, const std::string &path, const NodePtr &value)
    {
        const std::size_t count = value && value->isSequence() ? value->items.size() : 0;
        for (std::size_t i = 0; i < count; ++i)
            this->section(item(path, i), value->items[i], !m_embedded);
        const std::string next = item(path, count);
        if (m_embedded)
            return;
        if (isOpened(next))
            this->section(next, nullptr, false);
        else
            offer(section, base, next);
    }

    void offer(std::size_t section, const std::string &base, const std::string &path)
    {
        MissingField field{
            path, labelOf(base, path),
            editor::fieldWords(QString::fromStdString(m_resource.kind), QString::fromStdString(path))};
        m_form->sections[section].missing.push_back(std::move(field));
    }

    static QString labelOf(const std::string &base, const std::string &path)
    {
        std::string label = path.substr(base.size());
        if (label.starts_with('.'))
            label.erase(0, 1);
        return QString::fromStdString(label);
    }

    FormField rowOf(const std::string &base, const std::string &path, const KnownField &field,
                    const NodePtr &value) const
    {
        FormField row;
        row.path = path;
        row.label = labelOf(base, path);
        row.type = field.type;
        row.present = value && !value->isNull();
        const QString name = QString::fromStdString(path);
        const QString kind = QString::fromStdString(m_resource.kind);
        if (field.type == FieldType::Word) {
            for (const std::string &word : field.words)
                row.choices.append(QString::fromStdString(word));
            row.closed = true;
        } else {
            row.choices = choicesFor(m_project, m_resource, path);
        }
        if (value && value->isScalar())
            row.value = QString::fromStdString(value->scalar);
        if (value && value->isSequence()) {
            for (const NodePtr &each : value->items) {
                row.items.append(QString::fromStdString(each->scalar));
                row.editable = row.editable && each->isScalar();
            }
        }
        if (value && value->isMapping()) {
            for (const auto &[key, each] : value->allEntries()) {
                row.pairs.append({QString::fromStdString(key->scalar), QString::fromStdString(each->scalar)});
                row.editable = row.editable && each->isScalar();
            }
        }
        const bool identity = path == "metadata.name" || path == "metadata.namespace";
        row.editable = row.editable && !identity && field.type != FieldType::Numbers &&
                       field.type != FieldType::Kept && !(m_embedded && !isScalarType(field.type));
        row.removable = row.present && row.editable && !m_embedded && path != "spec.host";
        row.words = editor::fieldWords(kind, name);
        if (const QString meaning = editor::valueWords(name, row.value); !meaning.isEmpty())
            row.words = meaning;
        if (path.ends_with(".credentialName") && row.present) {
            if (const QString there = credentialWords(m_project, m_resource, row.value); !there.isEmpty())
                row.words = there;
        }
        return row;
    }

    const model::Project &m_project;
    const model::Resource &m_resource;
    const std::set<std::string> &m_opened;
    Form *m_form = nullptr;
    NodePtr m_document; ///< keeps the embedded document
    bool m_embedded = false;
};

/// What a person comes for first: TLS of a rule, before where it balances.
int weightOf(const FormSection &section)
{
    return section.path.ends_with("tls") ? 0 : section.path == "metadata" ? 2 : 1;
}

} // namespace

bool FormField::isList() const
{
    return type == FieldType::Texts;
}

bool FormField::sameRowAs(const FormField &other) const
{
    return path == other.path && label == other.label && type == other.type && choices == other.choices &&
           editable == other.editable;
}

const FormField *Form::find(const std::string &path) const
{
    for (const FormSection &section : sections) {
        for (const FormField &field : section.fields) {
            if (field.path == path)
                return &field;
        }
    }
    return nullptr;
}

Form formOf(const model::Project &project, const model::Resource &resource,
            const std::vector<problems::Finding> &findings, const std::set<std::string> &opened)
{
    Form form = Builder(project, resource, opened).build();
    if (resource.kind == "DestinationRule")
        std::stable_sort(form.sections.begin(), form.sections.end(),
                         [](const auto &a, const auto &b) { return weightOf(a) < weightOf(b); });
    placeFindings(form, resource, findings);
    return form;
}

} // namespace sallyport::inspector
