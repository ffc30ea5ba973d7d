// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/looked_up_names.h"

namespace sallyport::lab {

std::map<std::string, std::vector<std::string>>
lookedUpNames(const model::Project &project, const AddressPlan &addresses, const std::string &mesh)
{
    std::map<std::string, std::vector<std::string>> names;
    const auto add = [&](const std::map<std::string, std::vector<std::string>> &more) {
        for (const auto &[name, list] : more) {
            const auto [own, isNew] = names.try_emplace(name);
            for (const std::string &address : list) {
                if (isNew)
                    own->second.push_back(addresses.placement.local(address));
            }
        }
    };
    if (const auto known = addresses.meshes.find(mesh); known != addresses.meshes.end())
        add(known->second.hosts);
    add(project.hosts);
    return names;
}

} // namespace sallyport::lab
