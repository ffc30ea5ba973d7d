// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/completion.h"

#include "ui/editor/field_words.h"
#include "ui/editor/kinds.h"

#include <QCoreApplication>
#include <algorithm>

namespace sallyport::editor {

namespace {

QString tr(const char *text)
{
    return QCoreApplication::translate("Completion", text);
}

std::vector<model::KnownField> fieldsOf(const CursorField &field)
{
    return model::knownFields(field.apiVersion.toStdString(), field.kind.toStdString(),
                              field.mapping.toStdString());
}

/// What follows the name of a field of this type.
QString behind(const model::KnownField &field, int indent)
{
    const QString inner(indent + 2, QLatin1Char(' '));
    switch (field.type) {
    case model::FieldType::Texts:
    case model::FieldType::Objects:
        return QStringLiteral(":\n") + QString(indent, QLatin1Char(' ')) + QStringLiteral("- ");
    case model::FieldType::Object:
    case model::FieldType::LabelMap:
    case model::FieldType::Entries:
    case model::FieldType::Numbers:
        return QStringLiteral(":\n") + inner;
    default:
        return QStringLiteral(": ");
    }
}

std::vector<Candidate> valuesOf(const CursorField &field)
{
    std::vector<Candidate> values;
    if (field.mapping.isEmpty() && field.key == QLatin1String("kind")) {
        for (const Kind &kind : kinds())
            values.push_back({kind.name, {}});
    } else if (field.mapping.isEmpty() && field.key == QLatin1String("apiVersion")) {
        for (const Kind &kind : kinds()) {
            const Candidate version{kind.apiVersion, {}};
            if ((field.kind.isEmpty() || field.kind == kind.name) &&
                std::find(values.begin(), values.end(), version) == values.end())
                values.push_back(version);
        }
    } else if (const auto known = knownFieldAt(field)) {
        for (const std::string &word : known->words)
            values.push_back({QString::fromStdString(word), {}});
        if (known->type == model::FieldType::Boolean)
            values = {{QStringLiteral("true"), {}}, {QStringLiteral("false"), {}}};
    }
    return values;
}

} // namespace

std::optional<model::KnownField> knownFieldAt(const CursorField &field)
{
    for (model::KnownField &known : fieldsOf(field)) {
        if (field.key == QString::fromStdString(known.name))
            return std::move(known);
    }
    return std::nullopt;
}

std::vector<Candidate> candidatesAt(const CursorField &field)
{
    std::vector<Candidate> candidates;
    if (field.inValue) {
        candidates = valuesOf(field);
    } else {
        for (const model::KnownField &known : fieldsOf(field)) {
            const QString name = QString::fromStdString(known.name);
            if (!field.neighbours.contains(name))
                candidates.push_back({name, behind(known, field.indent)});
        }
    }
    std::erase_if(candidates, [&field](const Candidate &candidate) {
        return !candidate.text.startsWith(field.typed, Qt::CaseInsensitive) || candidate.text == field.typed;
    });
    return candidates;
}

QString typeWords(const model::KnownField &field)
{
    QStringList words;
    for (const std::string &word : field.words)
        words.append(QString::fromStdString(word));
    switch (field.type) {
    case model::FieldType::Text:
        return tr("text");
    case model::FieldType::TextOrNumber:
        return tr("text or number");
    case model::FieldType::Boolean:
        return tr("true or false");
    case model::FieldType::Number:
        return tr("number");
    case model::FieldType::TimeSpan:
        return tr("time, such as 5s");
    case model::FieldType::Word:
        return tr("one of %1").arg(words.join(QStringLiteral(", ")));
    case model::FieldType::Texts:
        return tr("list of texts");
    case model::FieldType::Numbers:
        return tr("numbers");
    case model::FieldType::LabelMap:
        return tr("names and texts");
    case model::FieldType::Object:
        return tr("has fields of its own");
    case model::FieldType::Objects:
        return tr("list");
    case model::FieldType::Entries:
        return tr("names, each with fields of its own");
    case model::FieldType::Kept:
        return tr("known, without effect in the lab");
    }
    return {};
}

QString describe(const CursorField &field)
{
    if (field.kind.isEmpty() || field.key.isEmpty())
        return {};
    const QString path = field.path();
    QStringList parts{path};
    const auto known = knownFieldAt(field);
    if (known)
        parts.append(typeWords(*known));
    else if (!field.inValue)
        return {};
    if (const QString words = fieldWords(field.kind, path); !words.isEmpty())
        parts.append(words);
    if (const QString words = valueWords(path, field.typed); field.inValue && !words.isEmpty())
        parts.append(words);
    return parts.join(QStringLiteral(" · "));
}

} // namespace sallyport::editor
