// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/e2e/reference/shown.h"

namespace reference {

namespace {

/// On every answer of a gateway, on every request from one.
const QByteArrayList CommonOnAnswers{"date", "server", "x-envoy-upstream-service-time"};
const QByteArrayList CommonOnRequests{"x-forwarded-proto", "x-request-id", "x-envoy-expected-rq-timeout-ms"};

QByteArray shownHeaders(const golden::HeaderPairs &headers, const QByteArrayList &common,
                        const QByteArrayList &wanted)
{
    QByteArray text;
    for (const auto &[name, value] : headers) {
        if (!common.contains(name.toLower()) || wanted.contains(name.toLower()))
            text += " | " + name + ": " + value;
    }
    return text;
}

QByteArray shownResponse(const golden::Response &response, const Statement &statement)
{
    if (response.raw)
        return "raw " + *response.raw;
    if (!response.reset.isEmpty())
        return "reset " + response.reset.toLatin1();
    QByteArray text;
    for (const golden::Http1Head &interim : response.interim)
        text += interim.line.mid(interim.line.indexOf(' ') + 1) + " / ";
    const QByteArray line = response.statusLine;
    text += line.startsWith("HTTP/1.1 ") ? line.mid(9) : line;
    if (!statement.briefly && response.headers)
        text += shownHeaders(*response.headers, CommonOnAnswers, statement.shown);
    if (!response.body.isEmpty())
        text += (statement.briefly ? " = " : " | = ") + response.body;
    for (const auto &[name, value] : response.trailers)
        text += " | trailer " + name + ": " + value;
    if (!response.complete)
        text += " | cut";
    return text;
}

} // namespace

QByteArrayList shownAnswers(const golden::Outcome &outcome, const Statement &statement)
{
    QByteArrayList all;
    if (outcome.responses) {
        for (const golden::Response &response : *outcome.responses)
            all.append(shownResponse(response, statement));
    }
    if (outcome.bytes)
        all.append("bytes " + *outcome.bytes);
    if (outcome.tunnel)
        all.append("tunnel " + *outcome.tunnel);
    if (outcome.extra)
        all.append("extra " + *outcome.extra);
    if (outcome.refused)
        all.append("refused");
    if (outcome.late)
        all.append("late");
    if (!outcome.tlsError.isEmpty())
        all.append("TLS error " + outcome.tlsError.toLatin1());
    if (outcome.closes.value_or(false))
        all.append("closes");
    return all;
}

QByteArrayList expectedAnswers(const Statement &statement)
{
    QByteArrayList all = statement.expected;
    if (statement.ends)
        all.append("closes");
    return all;
}

QByteArray shownRequest(const golden::SeenRequest &request, const Statement &statement)
{
    QByteArray text = request.line.value_or("");
    if (text.endsWith(" HTTP/1.1"))
        text.chop(9);
    text += shownHeaders(request.headers, CommonOnRequests, statement.shown);
    if (!request.body.isEmpty())
        text += " | = " + request.body;
    for (const auto &[name, value] : request.trailers)
        text += " | trailer " + name + ": " + value;
    if (!request.complete)
        text += " | cut";
    return text;
}

} // namespace reference
