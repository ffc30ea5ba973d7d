// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/api_schema.h"
#include "core/dataplane/json_archive.h"

#include <map>
#include <string>

namespace sallyport::dataplane {

/// What Envoy asks of single messages beside the rules that its .proto files state.
class MessageRules
{
public:
    /// `root`: the whole, whose runtime says how large regular expressions may be.
    MessageRules(const QJsonObject &root, ReadState &state);

    /// `written` is the message as it stands in the text, `checked` the same in one spelling.
    void check(const ApiMessage &message, const QJsonObject &written, const QJsonObject &checked,
               const std::string &path);

private:
    void checkDnsCache(const QJsonObject &cache, const std::string &path);
    void checkOwnType(const QJsonObject &object, const std::string &path);
    void checkExpression(const QJsonObject &matcher, const std::string &path);
    void checkFormats(const QJsonObject &tracing, const std::string &path);

    ReadState &m_state;
    double m_largestProgram = 100; ///< of a regular expression
    std::map<QString, QJsonObject> m_dnsCaches;
};

/// A message that is written as a struct with its type beside it.
bool isTypedStruct(const std::string &type);

} // namespace sallyport::dataplane
