// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace sallyport::compile {

/// Principals with those of the mesh's own trust domain, an alias or the literal `cluster.local` replaced by
/// one for every trust domain of the mesh (istio:pilot/pkg/security/trustdomain/bundle.go). Only names of the
/// form `td/ns/NS/sa/SA` are looked at.
std::vector<std::string> withTrustDomainAliases(const std::vector<std::string> &principals,
                                                const std::vector<std::string> &trustDomains);

/// Values of `trustDomains`: one that is the mesh's own or an alias stands for all of them.
std::vector<std::string> expandedTrustDomains(const std::vector<std::string> &values,
                                              const std::vector<std::string> &trustDomains);

/// SPIFFE ids with those of other trust domains beside them, the aliases of the mesh: whom a client takes for
/// the server (istio:pkg/spiffe).
std::vector<std::string> withTrustDomains(const std::vector<std::string> &identities,
                                          const std::vector<std::string> &trustDomains);

} // namespace sallyport::compile
