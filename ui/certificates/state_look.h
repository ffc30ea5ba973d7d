// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/certificates/certificate_entry.h"
#include "ui/certificates/import_plan.h"
#include "ui/theme/theme.h"

namespace sallyport::certificates {

/// A colour and the icon that says the same.
struct StateLook
{
    theme::Role role = theme::Role::TextMuted;
    QString icon;
};

/// Icon, colour and word of a state; the colour is never alone.
StateLook lookOf(const CertificateEntry &entry, TimePoint now);
StateLook lookOf(Validity validity);
StateLook lookOf(pki::CheckOutcome outcome);
StateLook lookOf(ImportFile::State state);
/// `Passed`, `Warning`, `Failed`: the word for screen readers.
QString outcomeText(pki::CheckOutcome outcome);

} // namespace sallyport::certificates
