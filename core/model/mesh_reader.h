// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/fields.h"
#include "core/model/project.h"
#include "core/yaml/document.h"

#include <map>
#include <tuple>

namespace sallyport::model {

/// Reads the files of one mesh into it: decodes and validates every resource.
class MeshReader
{
public:
    MeshReader(Mesh &mesh, std::vector<Problem> &problems, FieldNotes *notes = nullptr);

    void readFile(const SourceFile &file);
    /// What needs the whole mesh: its configuration.
    void finish();

private:
    void report(const Error &error);
    void readObject(const yaml::NodePtr &node, const std::string &file, int document, int listItem);
    Resource readHead(Fields &object);
    void checkHead(const Resource &resource, const DecodeContext &context);
    void readIstio(const Resource &resource, Fields &object);
    void readKubernetes(const Resource &resource, Fields &object);

    Mesh &m_mesh;
    std::vector<Problem> &m_problems;
    FieldNotes *m_notes;
    int m_order = 0;
    std::map<std::tuple<std::string, std::string, std::string>, Place>
        m_known; ///< group/kind, namespace, name
};

} // namespace sallyport::model
