// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/lab/plan.h"
#include "core/result/result.h"

namespace sallyport::lab {

/// The folder in which the lab of this project runs: `$XDG_RUNTIME_DIR/sallyport/HASH`, or
/// `/tmp/sallyport-UID/HASH` where there is no runtime directory. The hash is of the canonical path, so every
/// program finds the same folder. Does not make it.
Result<std::string> runFolderOf(const std::string &projectPath);

/// Makes the folder and its parents of ours, 0700 each. Refuses a folder that belongs to somebody else.
Result<void> makeRunFolder(const std::string &runFolder);

/// Removes what an earlier lab left in it.
Result<void> emptyRunFolder(const std::string &runFolder);

/// Who holds it runs the lab of a run folder. The system takes it back when the process ends, however it
/// ends.
class RunFolderClaim
{
public:
    /// An error if another process runs this lab.
    static Result<RunFolderClaim> take(const std::string &runFolder);
    /// Whether some process holds the claim.
    static bool isHeld(const std::string &runFolder);

    RunFolderClaim(RunFolderClaim &&other) noexcept;
    RunFolderClaim &operator=(RunFolderClaim &&other) noexcept;
    ~RunFolderClaim();

private:
    RunFolderClaim(std::string path, int fd);
    std::string m_path;
    int m_fd = -1;
};

/// The state that `send` and the console read: the plan without bootstraps and file contents.
QByteArray encodeState(const LabPlan &plan);
Result<LabPlan> decodeState(const QByteArray &json, const std::string &path);

/// Reads the state of the running lab of a project.
Result<LabPlan> readState(const std::string &projectPath);

} // namespace sallyport::lab
