// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/form_findings.h"

#include "core/yaml/node.h"

#include <QRegularExpression>

namespace sallyport::inspector {

namespace {

bool isOf(const problems::Finding &finding, const model::Resource &resource)
{
    const auto *target = std::get_if<session::ResourceSelection>(&finding.target);
    return target && target->file.toStdString() == resource.file && target->document == resource.document &&
           target->listItem == resource.listItem;
}

bool isAbove(const std::string &upper, const std::string &path)
{
    return path.size() > upper.size() && path.starts_with(upper) &&
           (path[upper.size()] == '.' || path[upper.size()] == '[');
}

/// A finding about a mapping that says which of its fields is to be set belongs to that field.
FormField *namedField(Form &form, const problems::Finding &finding)
{
    const std::string path = finding.fieldPath.toStdString();
    for (const QString &words : {finding.hint, finding.message}) {
        for (FormSection &section : form.sections) {
            for (FormField &field : section.fields) {
                const QRegularExpression name(
                    QStringLiteral("\\b%1\\b")
                        .arg(QRegularExpression::escape(field.label.section(QLatin1Char('.'), -1))));
                if (isAbove(path, field.path) && words.contains(name))
                    return &field;
            }
        }
    }
    return nullptr;
}

FormField *fieldFor(Form &form, const std::string &path)
{
    FormField *best = nullptr;
    for (FormSection &section : form.sections) {
        for (FormField &field : section.fields) {
            if (field.path == path)
                return &field;
            // An item of a list belongs to the list's row.
            if (isAbove(field.path, path) && (!best || best->path.size() < field.path.size()))
                best = &field;
        }
    }
    for (FormSection &section : form.sections) {
        for (FormField &field : section.fields) {
            if (!best && isAbove(path, field.path))
                best = &field;
        }
    }
    return best;
}

FormField *fieldAtLine(Form &form, const model::Resource &resource, int line)
{
    for (FormSection &section : form.sections) {
        for (FormField &field : section.fields) {
            if (field.present && resource.place(field.path).line == line)
                return &field;
        }
    }
    return nullptr;
}

} // namespace

void placeFindings(Form &form, const model::Resource &resource,
                   const std::vector<problems::Finding> &findings)
{
    for (const problems::Finding &finding : findings) {
        if (!isOf(finding, resource))
            continue;
        const std::string path = finding.fieldPath.toStdString();
        FormField *field =
            path.empty() ? fieldAtLine(form, resource, finding.line) : namedField(form, finding);
        if (!field && !path.empty())
            field = fieldFor(form, path);
        (field ? field->findings : form.findings).push_back(finding);
    }
}

} // namespace sallyport::inspector
