// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

/// What Istio's admission says.
enum class Verdict { Accept, Warn, Reject };

/// One row of istio-semantics §9.1 to §9.4. `spec` is the spec's YAML, or with `metadata: …` in its first
/// lines a whole object's.
struct Vector
{
    const char *name; ///< the row's number, with a letter where a row has several cases
    const char *kind;
    std::string spec;
    Verdict verdict;
    const char *says = ""; ///< part of a message
    const char *metadata = "{name: test, namespace: default}";
};

std::vector<Vector> gatewayVectors();
std::vector<Vector> serviceEntryVectors();
std::vector<Vector> virtualServiceVectors();
std::vector<Vector> policyVectors();
std::vector<Vector> scopeVectors(); ///< Sidecars, and who may talk to whom with which tokens
