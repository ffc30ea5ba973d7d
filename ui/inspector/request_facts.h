// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/explain/explanation.h"
#include "ui/inspector/subject.h"

namespace sallyport::traffic {
class RequestStore;
}
namespace sallyport::request {
struct RequestDraft;
}

namespace sallyport::inspector {

/// What the table knows of a request, and the resource that decided it. Nothing if the request has gone.
std::optional<RequestFacts> factsOf(const traffic::RequestStore &store, const QString &requestId,
                                    const model::Project &project);

/// The request as it could be asked again; nothing if it has gone or was a connection.
std::optional<explain::Request> questionOf(const traffic::RequestStore &store, const QString &requestId);
explain::Request questionOf(const request::RequestDraft &draft);

} // namespace sallyport::inspector
