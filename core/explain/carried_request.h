// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataplane/base.h"
#include "core/dataplane/request_view.h"
#include "core/explain/explanation.h"

namespace sallyport::explain {

/// A request on its way: what each proxy makes of it is what the next one matches.
class CarriedRequest : public dataplane::RequestView
{
public:
    std::optional<std::string_view> header(std::string_view name, std::string &scratch) const override;
    bool anyOfSeveral(std::string_view name,
                      const std::function<bool(std::string_view)> &test) const override;
    std::string_view path() const override { return m_path; }
    std::string_view authority() const override { return m_authority; }
    std::string_view method() const override { return m_method; }
    std::string_view scheme() const override { return m_scheme; }
    const QJsonObject *metadata() const override { return m_metadata.isEmpty() ? nullptr : &m_metadata; }

    void setMethod(std::string method) { m_method = std::move(method); }
    void setScheme(std::string scheme) { m_scheme = std::move(scheme); }
    void setAuthority(std::string authority) { m_authority = std::move(authority); }
    void setPath(std::string path) { m_path = std::move(path); }

    bool has(std::string_view name) const;
    /// The first line's value; empty if there is none.
    std::string get(std::string_view name) const;
    void set(std::string_view name, std::string value);
    /// A line of its own.
    void add(std::string_view name, std::string value);
    /// To the end of the line that is there, else as a new one.
    void append(std::string_view name, const std::string &value, const std::string &separator);
    void remove(std::string_view name);
    /// Removes, sets and adds as one level of a route configuration says. Values with `%COMMANDS%` stay as
    /// they are written. True if anything was done.
    bool apply(const std::vector<dataplane::HeaderValueOption> &additions,
               const std::vector<std::string> &removals);

    /// What filters of the present proxy wrote; starts empty at each proxy.
    QJsonObject &dynamicMetadata() { return m_metadata; }

private:
    std::string m_method;
    std::string m_scheme;
    std::string m_authority;
    std::string m_path;
    Headers m_headers; ///< names in lower case
    QJsonObject m_metadata;
};

/// ASCII only, as header names are compared.
std::string lowered(std::string_view text);

} // namespace sallyport::explain
