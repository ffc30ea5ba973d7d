// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "httpbin/exchange.h"

namespace sallyport::httpbin {

/// The variable parts of a path, in order: `/cookies/set/{name}/{value}` has two.
using PathArguments = std::vector<std::string>;
using Endpoint = Answer (*)(const Request &request, const PathArguments &arguments);

// echo_answers.cpp: what came, as JSON
Answer echoGet(const Request &request, const PathArguments &arguments);
Answer echoBody(const Request &request, const PathArguments &arguments);
Answer echoAnything(const Request &request, const PathArguments &arguments);
Answer echoHeaders(const Request &request, const PathArguments &arguments);
Answer echoAddress(const Request &request, const PathArguments &arguments);
Answer echoUserAgent(const Request &request, const PathArguments &arguments);
Answer echoGzip(const Request &request, const PathArguments &arguments);
Answer echoDeflate(const Request &request, const PathArguments &arguments);
Answer echoDelayed(const Request &request, const PathArguments &arguments);
Answer echoCached(const Request &request, const PathArguments &arguments);
Answer echoCachedFor(const Request &request, const PathArguments &arguments);
Answer echoEtag(const Request &request, const PathArguments &arguments);
Answer responseHeaders(const Request &request, const PathArguments &arguments);
Answer cookies(const Request &request, const PathArguments &arguments);
Answer newUuid(const Request &request, const PathArguments &arguments);
/// One line of `/stream/{n}`.
std::string echoStreamLine(const Request &request, int id);

// status_answers.cpp
Answer status(const Request &request, const PathArguments &arguments);

// redirect_answers.cpp
Answer redirect(const Request &request, const PathArguments &arguments);
Answer relativeRedirect(const Request &request, const PathArguments &arguments);
Answer absoluteRedirect(const Request &request, const PathArguments &arguments);
Answer redirectTo(const Request &request, const PathArguments &arguments);
Answer setCookies(const Request &request, const PathArguments &arguments);
Answer setCookie(const Request &request, const PathArguments &arguments);
Answer deleteCookies(const Request &request, const PathArguments &arguments);
/// A redirect with the HTML page that names its target.
Answer redirectAnswer(int code, const std::string &location);

// stream_answers.cpp: bytes, slowly or many
Answer bytes(const Request &request, const PathArguments &arguments);
Answer streamBytes(const Request &request, const PathArguments &arguments);
Answer stream(const Request &request, const PathArguments &arguments);
Answer drip(const Request &request, const PathArguments &arguments);
Answer range(const Request &request, const PathArguments &arguments);
Answer base64(const Request &request, const PathArguments &arguments);

// authentication.cpp
Answer basicAuth(const Request &request, const PathArguments &arguments);
Answer hiddenBasicAuth(const Request &request, const PathArguments &arguments);
Answer bearer(const Request &request, const PathArguments &arguments);

// document_answers.cpp: fixed documents and pictures
Answer index(const Request &request, const PathArguments &arguments);
Answer html(const Request &request, const PathArguments &arguments);
Answer json(const Request &request, const PathArguments &arguments);
Answer xml(const Request &request, const PathArguments &arguments);
Answer robots(const Request &request, const PathArguments &arguments);
Answer denied(const Request &request, const PathArguments &arguments);
Answer utf8(const Request &request, const PathArguments &arguments);
Answer links(const Request &request, const PathArguments &arguments);
Answer form(const Request &request, const PathArguments &arguments);
Answer imageByAccept(const Request &request, const PathArguments &arguments);
Answer image(const Request &request, const PathArguments &arguments);

} // namespace sallyport::httpbin
