// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/project.h"
#include "ui/problems/finding.h"

#include <QString>
#include <optional>
#include <vector>

/// What an open project has, as a tree: meshes, their namespaces, the resources in them; files that cannot be
/// read; what belongs to the lab. Values only.
namespace sallyport::project {

/// A row of the project's tree with the rows below it.
struct TreeNode
{
    enum class Kind { Mesh, Namespace, Resource, BrokenFile, Settings, SettingsFile };
    Kind kind = Kind::Resource;
    QString title;        ///< `test-com`
    QString resourceKind; ///< `ServiceEntry`
    QString detail;       ///< of a mesh: its trust domain; of a broken file: its folder
    QString icon;         ///< a name of resources/icons
    QString mesh;
    QString nameSpace;
    std::optional<session::ResourceSelection> where; ///< what is selected by it
    int errors = 0;                                  ///< its own and those below
    int warnings = 0;
    std::vector<TreeNode> children;

    /// The same thing in another state of the project.
    bool isSameAs(const TreeNode &other) const;
    /// Nothing to paint anew, its children aside.
    bool looksLike(const TreeNode &other) const;
    /// `ServiceEntry test-com, 1 warning`
    QString spoken() const;
};

/// `settings` are the files of `.sallyport/` that a person edits.
std::vector<TreeNode> treeOf(const model::Project &project, const std::vector<model::SourceFile> &settings,
                             const std::vector<problems::Finding> &findings);

} // namespace sallyport::project
