// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Istio's algebra of host names (istio:pkg/config/host).
namespace sallyport::model {

/// `*` or `*.test.com`
bool isWildcard(std::string_view host);
/// Hosts of HTTP have no case.
std::string lowerCase(std::string_view host);
/// `a` names a part of what `b` names: equal, or `b` is a wildcard that covers it.
bool isSubsetOf(std::string_view a, std::string_view b);
/// One is a subset of the other.
bool hostsOverlap(std::string_view a, std::string_view b);
/// Order of specificity: names before wildcards, longer before shorter, then by alphabet, `*` last.
bool moreSpecific(std::string_view a, std::string_view b);
/// The exact name among `hosts`, else the longest wildcard that covers `host`.
std::optional<std::string> mostSpecificMatch(std::string_view host, const std::vector<std::string> &hosts);
/// A short name to `<name>.<ns>.svc.<domain>`; names with a dot, `*` and addresses stay
/// (istio:pilot/pkg/model/config.go).
std::string resolveShortName(std::string_view host, std::string_view resourceNamespace,
                             std::string_view domain = "cluster.local");
bool isIpAddress(std::string_view text);
/// `foo`, `*.foo`, not an IP: istio's ValidateWildcardDomain.
bool isWildcardDomain(std::string_view host);
bool isFqdn(std::string_view host);
bool isDnsLabel(std::string_view text);

} // namespace sallyport::model
