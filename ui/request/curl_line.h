// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "ui/request/request_draft.h"

namespace sallyport::lab {
struct Instance;
}

namespace sallyport::request {

/// The arguments of a curl that sends the draft, quoted for a POSIX shell: `curl -i -X PUT … URL`.
QString curlLine(const RequestDraft &draft);

/// The same in the cluster, as the guide has it: `kubectl exec deploy/sleep -- curl …`. `-n` is left out for
/// the namespace `default`.
QString kubectlLine(const RequestDraft &draft);

/// The same on this machine, through the forward proxy that stands for the workload's application:
/// `curl -x http://127.5.6.11:15080 …`. Empty for a workload without one (a gateway).
QString localLine(const RequestDraft &draft, const lab::Instance &instance);

/// A word as a POSIX shell reads it back.
QString shellQuoted(const QString &word);

} // namespace sallyport::request
