// SPDX-License-Identifier: GPL-3.0-or-later
// What a lab's processes find in the run folder. Every file is replaced as a whole.
#include "core/pki/credential_store.h"
#include "proxy/control/supervisor.h"

#include <QDir>
#include <QFileInfo>
#include <algorithm>

namespace sallyport::control {

namespace {

constexpr unsigned readable = 0644;
constexpr unsigned secret = 0600;

Result<void> write(const lab::PlannedFile &file)
{
    const QString folder = QFileInfo(QString::fromStdString(file.path)).path();
    if (!QDir().exists(folder)) {
        QDir().mkpath(folder);
        QFile::setPermissions(folder,
                              QFileDevice::ReadOwner | QFileDevice::WriteOwner | QFileDevice::ExeOwner);
    }
    return pki::writeFileAtomically(
        file.path, std::string_view(file.content.constData(), static_cast<std::size_t>(file.content.size())),
        static_cast<unsigned>(file.mode));
}

} // namespace

Result<void> Supervisor::writeFiles(const lab::Process &process, const lab::Process *before) const
{
    for (const lab::PlannedFile &file : process.files) {
        if (before && std::find(before->files.begin(), before->files.end(), file) != before->files.end())
            continue;
        if (auto written = write(file); !written)
            return written;
    }
    if (!process.bootstrapPath.empty() && !(before && before->bootstrap == process.bootstrap)) {
        if (auto written = write({process.bootstrapPath, process.bootstrap, readable}); !written)
            return written;
    }
    // The log is there before its process, so that it can be followed from its first line.
    if (!process.accessLogPath.empty() && !(before && before->accessLogPath == process.accessLogPath))
        return write({process.accessLogPath, {}, readable});
    return {};
}

Result<void> Supervisor::writeState() const
{
    return write({m_plan.runFolder + '/' + lab::layout::state, lab::encodeState(m_plan), secret});
}

Result<void> Supervisor::rewriteFiles(const std::vector<lab::PlannedFile> &files)
{
    for (lab::Process &process : m_plan.processes) {
        for (lab::PlannedFile &own : process.files) {
            const auto renewed = std::find_if(files.begin(), files.end(),
                                              [&own](const auto &file) { return file.path == own.path; });
            if (renewed == files.end())
                continue;
            if (auto written = write(*renewed); !written)
                return written;
            own = *renewed;
        }
    }
    return {};
}

} // namespace sallyport::control
