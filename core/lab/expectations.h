// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result/result.h"

#include <QJsonObject>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sallyport::lab {

/// What a log line of one proxy must say: fields by name, compared as text.
struct ExpectedHop
{
    std::string proxy; ///< full name
    std::map<std::string, std::string> fields;
};

/// What must have passed between two workloads.
struct ExpectedWire
{
    std::string from; ///< full names
    std::string to;
    bool tls = false;
    std::optional<std::string> sni;
};

/// One request of a project's own checks, `.sallyport/expectations.yaml`, and what it must lead to.
struct Check
{
    std::string name;
    std::string via;     ///< the workload that sends
    std::string request; ///< `GET http://test.com/status/418`
    std::vector<std::pair<std::string, std::string>> headers;
    std::optional<std::string> body;
    Place place;

    std::optional<int> status;
    std::optional<std::string> answerContains;
    std::map<std::string, std::string> answerHeaders;
    std::optional<std::vector<ExpectedHop>> hops; ///< exactly these proxies, in this order
    std::vector<ExpectedWire> wire;
};

/// What was seen between two workloads while a request was under way.
struct SeenWire
{
    std::string from;
    std::string to;
    bool tls = false;
    std::string sni;
    std::string firstLine; ///< of plaintext
};

/// What a check met.
struct Observation
{
    std::string failure; ///< the request could not be sent at all
    int status = 0;      ///< 0: no answer
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::vector<std::pair<std::string, QJsonObject>> hops; ///< proxy, fields of its line
    std::vector<SeenWire> wire;
};

/// One line of the verdict: what was expected, what was seen, and where.
struct Row
{
    std::string check;
    std::string what;  ///< `status`, `hop 2: upstream_cluster`, `bytes`
    std::string where; ///< a workload, or `A → B`
    std::string expected;
    std::string seen;
    bool passed = false;
};

/// Reads the checks of a project. Errors have file, line and column.
Result<std::vector<Check>> parseExpectations(std::string_view text, const std::string &file);

/// `PROJECT/.sallyport/expectations.yaml`; no checks if there is no such file.
Result<std::vector<Check>> loadExpectations(const std::string &projectPath);

/// What was expected beside what was seen, a row for each thing that the check asks for.
std::vector<Row> judge(const Check &check, const Observation &seen);

} // namespace sallyport::lab
