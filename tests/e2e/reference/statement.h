// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArrayList>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QMap>
#include <QString>
#include <optional>

namespace reference {

/// One statement of envoy-behaviour.md: a listener of its own, what is sent to it, and what must come of it.
/// In texts of configuration `@n@` is the statement's number, `@port:up@` and its like are the ports of the
/// test's upstreams, `@dir@` and `@pki@` the run's folders.
struct Statement
{
    explicit Statement(QString identity)
        : id(std::move(identity))
    {
    }

    // The configuration, each piece as JSON text.

    /// In place of the one route, which sends everything to the cluster `up`.
    Statement &withRoutes(const QString &json) { return set(routes, json); }
    /// Further fields of the connection manager, of its route configuration, of the virtual host.
    Statement &withManager(const QString &json) { return set(manager, json); }
    Statement &withRouteConfiguration(const QString &json) { return set(routeConfiguration, json); }
    Statement &withHost(const QString &json) { return set(host, json); }
    /// HTTP filters before the router; further fields of the router.
    Statement &withFilters(const QString &json) { return set(filters, json); }
    Statement &withRouter(const QString &json) { return set(router, json); }
    /// Further clusters.
    Statement &withClusters(const QString &json) { return set(clusters, json); }
    /// Further fields of the filter chain, of the listener.
    Statement &withChain(const QString &json) { return set(chain, json); }
    Statement &withListener(const QString &json) { return set(listener, json); }
    /// The access log's format: a text, or an object as JSON text.
    Statement &withFormat(const QByteArray &text) { return set(format, text); }
    Statement &withJsonFormat(const QByteArray &json)
    {
        isJson = true;
        return set(format, json);
    }
    Statement &omittingEmptyValues() { return set(omitsEmpty, true); }

    // What is sent.

    Statement &asks(const QByteArray &bytes, const QByteArray &method = "GET")
    {
        steps.append(QString::fromLatin1(bytes));
        if (!method.isEmpty())
            methods.append(QString::fromLatin1(method));
        return *this;
    }
    /// `{"sleep_ms": 10}`, `{"fin": true}`, … as the golden vectors have them.
    Statement &does(const QString &key, const QJsonValue &value)
    {
        steps.append(QJsonObject{{key, value}});
        return *this;
    }
    /// Further keys of the exchange: `tls`, `h2`, `from`, ….
    Statement &as(const QString &key, const QJsonValue &value)
    {
        exchange.insert(key, value);
        return *this;
    }

    // What must come of it.

    /// An answer with its headers: `404 Not Found | content-length: 2 | = no`. Without those that are on
    /// every answer (date, server, x-envoy-upstream-service-time) unless they are shown.
    Statement &answers(const QByteArray &text)
    {
        expected.append(text);
        return *this;
    }
    /// An answer of which only the status line and the body count: `404 Not Found = no`.
    Statement &says(const QByteArray &text)
    {
        briefly = true;
        return answers(text);
    }
    /// The answers do not matter: the log or the statistics say what happened.
    Statement &answersSomehow() { return set(anyAnswer, true); }
    /// The connection ends after the last answer; else it must stay open.
    Statement &closes() { return set(ends, true); }
    /// The one record of the access log.
    Statement &logs(const QByteArray &text)
    {
        record = text;
        return *this;
    }
    /// The record as a regular expression; for what differs from run to run.
    Statement &logsLike(const QString &pattern) { return set(recordPattern, pattern); }
    /// What the upstream saw: `GET / | host: h`. Without those that Envoy puts on every request
    /// (x-forwarded-proto, x-request-id, x-envoy-expected-rq-timeout-ms) unless they are shown.
    Statement &forwards(const QByteArray &text) { return forwardsTo("up", text); }
    Statement &forwardsNothing() { return forwards({}); }
    Statement &forwardsTo(const QString &upstream, const QByteArray &text)
    {
        seen.insert(upstream, text);
        return *this;
    }
    Statement &showing(const QByteArrayList &names)
    {
        shown = names;
        return *this;
    }
    /// A statistic's value; none: there is none of that name.
    Statement &counts(const QString &name, std::optional<qint64> value)
    {
        statistics.insert(name, value);
        return *this;
    }

    QString id;
    QString routes;
    QString manager;
    QString routeConfiguration;
    QString host;
    QString filters;
    QString router;
    QString clusters;
    QString chain;
    QString listener;
    QByteArray format = "%RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS%";
    bool isJson = false;
    bool omitsEmpty = false;
    QJsonArray steps;
    QJsonArray methods;
    QJsonObject exchange;
    QByteArrayList expected;
    bool briefly = false;
    bool anyAnswer = false;
    bool ends = false;
    std::optional<QByteArray> record;
    QString recordPattern;
    QMap<QString, QByteArray> seen; ///< by upstream
    QByteArrayList shown;
    QMap<QString, std::optional<qint64>> statistics;

private:
    template<typename Field, typename Value>
    Statement &set(Field &field, const Value &value)
    {
        field = value;
        return *this;
    }
};

} // namespace reference
