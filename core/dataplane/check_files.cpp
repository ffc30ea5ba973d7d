// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/check.h"

#include <QFileInfo>

#include <algorithm>
#include <array>

namespace sallyport::dataplane {

Checked checkFile(const std::string &file, const std::string &path)
{
    if (file.empty())
        return {};
    const QFileInfo info(QString::fromStdString(file));
    if (!info.exists())
        return failAt(path, "file " + file + " does not exist");
    // A descriptor may be handed over.
    if (file.starts_with("/dev/fd/"))
        return {};
    static constexpr std::array systems{"/dev", "/sys", "/proc"};
    const std::string real = info.canonicalFilePath().toStdString() + '/';
    // Shared memory lies among the devices and holds files as any other folder.
    const bool isSystems = !real.starts_with("/dev/shm/") &&
                           std::any_of(systems.begin(), systems.end(), [&real](const char *folder) {
                               return real.starts_with(std::string(folder) + '/');
                           });
    return isSystems ? failAt(path, "Invalid path: " + file) : Checked();
}

} // namespace sallyport::dataplane
