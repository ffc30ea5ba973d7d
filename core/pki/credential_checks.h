// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/pki/credential.h"

namespace sallyport::pki {

enum class CheckOutcome { Passed, Warning, Failed };

/// One line of the list that is shown before a credential is accepted.
struct CredentialCheck
{
    std::string id; ///< stable: `key-matches`, `chain`, `validity`, `subject-alt-names`, `purpose`,
                    ///< `strength`, `ca`, `ca-bundle`, `identity`
    CheckOutcome outcome = CheckOutcome::Passed;
    std::string text; ///< what was found, one sentence
    std::string file; ///< the file at fault, or empty
};

/// What the credential is for; decides which missing part is an error.
enum class CredentialUse { Client, Server };

/// All checks in a fixed order; `now` is the time that validity is judged at.
std::vector<CredentialCheck> checkCredential(const Credential &credential, CredentialUse use, TimePoint now);

/// The worst outcome in `checks`.
CheckOutcome worstOutcome(const std::vector<CredentialCheck> &checks);

/// Whole days until `time`, negative when past.
long daysUntil(TimePoint time, TimePoint now);

/// `2026-11-24 12:00 UTC`.
std::string formatTime(TimePoint time);

} // namespace sallyport::pki
