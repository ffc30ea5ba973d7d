// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"

#include <QByteArray>
#include <string>
#include <vector>

/// A project of one file.
inline sallyport::model::Project projectOf(const std::string &text,
                                           const std::string &path = "primary/a.yaml")
{
    return sallyport::model::projectFromFiles("/p", {{path, text}}, {});
}

/// Problems as lines, to be told when there should be others.
inline QByteArray listed(const std::vector<sallyport::model::Problem> &problems)
{
    QByteArray text;
    for (const sallyport::model::Problem &problem : problems)
        text += QByteArray::fromStdString(problem.code + ' ' + problem.place.toString() + ' ' +
                                          problem.fieldPath + ": " + problem.message + " (" + problem.hint +
                                          ")\n");
    return text;
}
