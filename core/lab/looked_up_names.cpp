// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/lab/looked_up_names.h"

namespace sallyport::lab {

namespace {

void addName(QByteArray &file, const AddressPlan &addresses, const std::string &name,
             const std::string &address)
{
    const compile::Placement &placement = addresses.placement;
    const auto line = [&file](const std::string &what, const std::string &called) {
        file += QByteArray::fromStdString(what + ' ' + called + '\n');
    };
    for (auto port = placement.backends.lower_bound({address, 0});
         port != placement.backends.end() && port->first.first == address; ++port) {
        for (const auto &[pod, target] : port->second)
            line(placement.local(pod) + ':' + std::to_string(placement.localPort(target)),
                 name + ':' + std::to_string(port->first.second));
    }
    line(placement.local(address), name);
}

} // namespace

QByteArray lookedUpNames(const model::Project &project, const AddressPlan &addresses, const std::string &mesh)
{
    QByteArray file;
    if (const auto names = addresses.meshes.find(mesh); names != addresses.meshes.end()) {
        for (const auto &[name, list] : names->second.hosts) {
            for (const std::string &address : list)
                addName(file, addresses, name, address);
        }
    }
    for (const auto &[name, list] : project.hosts) {
        for (const std::string &address : list)
            addName(file, addresses, name, address);
    }
    return file;
}

} // namespace sallyport::lab
