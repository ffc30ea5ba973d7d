// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

/// Projects that a check must, or must not, find something in. Each is one of tests/golden/mesh, as it is or
/// with some of its text replaced; `@pki:NAME@` stands for the base64 of a test certificate or key.
namespace cases {

struct Edit
{
    const char *file; ///< below the project's folder; one that is not there is made; `*`: every file
    const char *from; ///< the first place of this text (`*`: every one); empty: a document is added
    const char *to;
};

struct Case
{
    const char *code;
    const char *name;
    bool found;
    const char *project = "guide-stage-5";
    std::vector<Edit> edits;
    int yearsLater = 0; ///< when certificates are judged
};

std::vector<Case> references();
std::vector<Case> routing();
std::vector<Case> tls();
std::vector<Case> credentials();
std::vector<Case> authorization();
std::vector<Case> posture();

inline constexpr const char *entry = "primary/10-service-entry.yaml";
inline constexpr const char *gateway = "primary/11-egress-gateway-rules.yaml";
inline constexpr const char *routes = "primary/12-virtual-service.yaml";
inline constexpr const char *secret = "primary/13-client-certificate.yaml";
inline constexpr const char *origination = "primary/14-originate-mtls.yaml";
inline constexpr const char *policy = "primary/15-egress-policy.yaml";
inline constexpr const char *more = "primary/90-more.yaml";

} // namespace cases
