// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/known_fields.h"
#include "core/model/project.h"
#include "ui/problems/finding.h"

#include <QString>
#include <QStringList>
#include <set>
#include <vector>

/// A resource as a form: what is there, by the API's own names, and what could be added. Values only.
namespace sallyport::inspector {

/// One field that has a row of its own.
struct FormField
{
    std::string path; ///< in the resource, `spec.trafficPolicy.tls.mode`
    QString label;    ///< below its section, `port.number`
    model::FieldType type = model::FieldType::Text;
    QStringList choices;                      ///< words of an enum, or names that the project has
    bool closed = false;                      ///< nothing but `choices` is valid
    bool present = false;                     ///< stands in the YAML
    bool editable = true;                     ///< false: only the text can change it
    bool removable = false;                   ///< present, and valid without it as far as can be said here
    QString value;                            ///< of a scalar
    QStringList items;                        ///< of a list
    QList<std::pair<QString, QString>> pairs; ///< of labels
    QString words;                            ///< one line in plain words
    std::vector<problems::Finding> findings;  ///< about it, with their fixes

    bool isList() const;
    bool sameRowAs(const FormField &other) const; ///< the same widgets can show it
};

/// A field that the section could have.
struct MissingField
{
    std::string path;
    QString label;
    QString words;
};

/// The fields of one mapping, and of small mappings in it.
struct FormSection
{
    std::string path;
    QString title;          ///< `trafficPolicy.portLevelSettings[0].tls`
    bool removable = false; ///< an item of a list, or an optional mapping that is there
    std::vector<FormField> fields;
    std::vector<MissingField> missing;
};

/// A resource as a form.
struct Form
{
    QString resource; ///< `DestinationRule default/originate-mtls`
    std::vector<FormSection> sections;
    std::vector<problems::Finding> findings; ///< about none of its fields

    const FormField *find(const std::string &path) const;
};

/// The form of a resource. `project` names what its fields may refer to; `opened` are fields that a person
/// chose to add and has not filled in yet.
Form formOf(const model::Project &project, const model::Resource &resource,
            const std::vector<problems::Finding> &findings, const std::set<std::string> &opened);

} // namespace sallyport::inspector
